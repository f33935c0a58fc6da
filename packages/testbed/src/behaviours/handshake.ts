import type { Connection } from '../connection.ts';
import { framed } from '../message.ts';
import { query } from '../query.ts';
import type { IssuedCertificate } from '../test-ca.ts';
import type { Behaviour } from './behaviour.ts';
import { alertRecord } from './endings.ts';

/** Accepts TCP and never says a word. */
export function neverFinishHandshake(): Behaviour {
  return takeOver('neverFinishHandshake', (connection) => connection.readRaw());
}

/** Speaks DNS over plain TCP: sends a response in clear as soon as octets come. */
export function speakPlainDns(): Behaviour {
  const response = framed(query({ name: 'example.com', flags: ['qr', 'rd', 'ra'] }));
  return answerFirstOctets('speakPlainDns', response);
}

/** Speaks HTTP: refuses whatever comes, and ends the connection. */
export function speakHttp(): Behaviour {
  const response = Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  return takeOver('speakHttp', (connection) => {
    connection.readRaw(() => {
      connection.inject(response);
      connection.fin();
    });
  });
}

/** Sends these octets in place of a ServerHello. */
export function replayRaw(octets: Buffer): Behaviour {
  return answerFirstOctets('replayRaw', octets);
}

/** Refuses the handshake with a fatal alert; default 40, handshake_failure. 120 is no_application_protocol. */
export function handshakeAlert(description = 40): Behaviour {
  return takeOver('handshakeAlert', (connection) => {
    connection.readRaw(() => {
      connection.inject(alertRecord(description));
      connection.fin();
    });
  });
}

/** Cuts the connection with RST as soon as it is accepted. */
export function resetOnAccept(): Behaviour {
  return takeOver('resetOnAccept', (connection) => connection.reset());
}

const HANDSHAKE_RECORD = Buffer.concat([Buffer.from([0x16, 0x03, 0x03, 0x40, 0x00]), Buffer.alloc(16_384)]);

/**
 * Sends up to `bytes` octets of handshake records that never make a ServerHello, as fast as the client takes them. Each
 * record is whole, so that the flood is not refused for its first octets.
 */
export function floodBeforeServerHello(bytes = 1_000_000_000): Behaviour {
  const first = Buffer.from(HANDSHAKE_RECORD);
  // A ServerHello that claims to be 60 000 octets long.
  first.writeUInt32BE(0x0200_ea60, 5);
  return takeOver('floodBeforeServerHello', (connection) => {
    const { raw } = connection;
    let left = bytes;
    const pour = (): void => {
      while (left > 0 && raw.writable) {
        left -= HANDSHAKE_RECORD.length;
        if (!raw.write(left + HANDSHAKE_RECORD.length === bytes ? first : HANDSHAKE_RECORD)) return;
      }
    };
    raw.on('drain', pour);
    connection.readRaw();
    pour();
  });
}

/** Speaks TLS 1.1 and nothing newer. */
export function tls11Only(): Behaviour {
  // OpenSSL refuses TLS 1.1 above security level 0.
  const tls = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
  return { name: 'tls11Only', tls };
}

/** Speaks TLS 1.2 and nothing newer. */
export function tls12Only(): Behaviour {
  return { name: 'tls12Only', tls: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } };
}

/** Presents this certificate. */
export function presentCertificate(certificate: IssuedCertificate): Behaviour {
  return { name: 'presentCertificate', tls: { certificate } };
}

/** Knows these application protocols; null: does not speak ALPN. */
export function alpn(protocols: readonly string[] | null): Behaviour {
  return { name: 'alpn', tls: { alpn: protocols } };
}

/** Completes the handshake and then reads nothing. */
export function stopReading(): Behaviour {
  return { name: 'stopReading', secured: (connection) => connection.stopReading() };
}

function answerFirstOctets(name: string, octets: Buffer): Behaviour {
  return takeOver(name, (connection) => {
    let answered = false;
    connection.readRaw(() => {
      if (!answered) connection.inject(octets);
      answered = true;
    });
  });
}

function takeOver(name: string, begin: (connection: Connection) => void): Behaviour {
  return {
    name,
    accepted(connection) {
      begin(connection);
      return true;
    },
  };
}
