import { encodeName } from '../names.ts';
import { opt } from '../query.ts';
import { ask, both, type HostileMessage, optOf, withRecords } from './message.ts';

/** OPT records that are broken, doubled or merely unusual. */
export function ednsMessages(): HostileMessage[] {
  const empty = { code: 65_001, data: Buffer.alloc(0) };
  const named = Buffer.concat([encodeName('a'), opt().subarray(1)]);
  const versions = [1, 255].map((version) =>
    both(`EDNS version ${version}`, ask({ edns: { version } }), 'badvers'),
  );
  return [
    both('two OPT records', withRecords([opt(), opt()]), 'formerr'),
    both('an OPT whose owner is not the root', withRecords([named]), 'formerr'),
    both(
      'an option longer than the OPT',
      withRecords([optOf(Buffer.from('000a0020c0c0', 'hex'))]),
      'formerr',
    ),
    both('an option without its length', withRecords([optOf(Buffer.from('000a00', 'hex'))]), 'formerr'),
    both('an OPT longer than the message', withRecords([optOf(Buffer.alloc(4), 400)]), 'formerr'),
    both('an OPT cut in its fixed fields', withRecords([opt().subarray(0, 8)]), 'formerr'),
    ...versions,
    both(
      'EDNS version 1 with options and DO',
      ask({ edns: { version: 1, dnssecOk: true, options: [empty] } }),
      'badvers',
    ),
    both('every unknown EDNS flag', ask({ edns: { z: 0x7fff } }), 'forwarded'),
    both('an unknown option twice', ask({ edns: { options: [empty, empty] } }), 'forwarded'),
    both(
      'a cookie of 3 octets',
      ask({ edns: { options: [{ code: 10, data: Buffer.alloc(3) }] } }),
      'forwarded',
    ),
    both(
      '10000 empty options',
      ask({ edns: { options: Array.from({ length: 10_000 }, () => empty) } }),
      'either',
    ),
    both(
      'an option of 60000 octets',
      ask({ edns: { options: [{ code: 65_001, data: Buffer.alloc(60_000) }] } }),
      'either',
    ),
    {
      name: 'a message of 65535 octets',
      bytes: ask({ edns: { options: [{ code: 65_001, data: Buffer.alloc(65_535 - 44) }] } }),
      udp: null,
      tcp: 'forwarded',
    },
  ];
}
