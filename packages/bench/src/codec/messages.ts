import { answerFromZone, query } from '@tridot/testbed';

export interface NamedMessage {
  readonly name: string;
  readonly octets: Buffer;
}

const MESSAGE_ID = 0x1234;

/** Messages as they come, small to large. */
export function usualMessages(): NamedMessage[] {
  return [
    { name: 'query', octets: asked('www.example.com', 'A') },
    { name: 'response, 1 address', octets: answered('host.example.com', 'A') },
    { name: 'response, 20 addresses', octets: answered('records-20.example.com', 'A') },
  ];
}

/** Legal messages that a codec may know nothing of. */
export function unusualMessages(): NamedMessage[] {
  return [
    ...usualMessages(),
    {
      name: 'octets above 127 in a name',
      octets: asked(Buffer.from('02fffe076578616d706c6503636f6d00', 'hex'), 'A'),
    },
    {
      name: 'a dot inside a label',
      octets: asked(Buffer.from('03612e62076578616d706c6503636f6d00', 'hex'), 'A'),
    },
    { name: 'mixed letter case', octets: asked('WwW.eXample.com', 'A') },
    { name: 'an unknown type', octets: answered('example.com', 65_280) },
    { name: 'TXT of any octets', octets: answered('token-1.example.com', 'TXT') },
    { name: 'HTTPS', octets: answered('example.com', 65) },
    { name: 'CAA', octets: answered('example.com', 257) },
    { name: 'RRSIG', octets: answered('signed.example.com', 'A', true) },
    { name: 'an unknown EDNS option', octets: withOption(asked('www.example.com', 'A')) },
    { name: '60 kilobytes', octets: answered('big.example.com', 'TXT') },
  ];
}

type Asked = Parameters<typeof query>[0];

function asked(name: Asked['name'], type: NonNullable<Asked['type']>, dnssecOk = false): Buffer {
  return query({ name, type, id: MESSAGE_ID, edns: { dnssecOk } });
}

function answered(name: string, type: NonNullable<Asked['type']>, dnssecOk = false): Buffer {
  const response = answerFromZone(asked(name, type, dnssecOk));
  if (response === null) throw new Error(`the zone gives no answer to ${name}`);
  return response;
}

/** Its OPT ends the message and has no option yet. */
function withOption(message: Buffer): Buffer {
  const option = Buffer.from('fde90003010203', 'hex');
  const longer = Buffer.concat([message, option]);
  longer.writeUInt16BE(option.length, message.length - 2);
  return longer;
}
