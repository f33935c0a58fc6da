import { X509Certificate } from 'node:crypto';
import { codeOf, messageOf, SettingError } from '../failures.ts';
import { oneLine } from '../logging/one-line.ts';
import { readSettingFile } from '../settings/setting-file.ts';

const CERTIFICATE = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED )?CERTIFICATE-----/g;

/**
 * Reads the trust anchors of `--ca`: one or more PEM certificates. Each is parsed, so that a damaged file is a line at the
 * start and not a failed handshake later.
 *
 * @param setting what to call the setting in an error.
 * @throws {SettingError} ERR_SETTING: the file cannot be read, or is not made of PEM certificates.
 */
export function readTrustAnchors(path: string, setting = 'ca'): string {
  const text = readSettingFile(setting, path);
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) {
    throw new SettingError(
      `${setting}: ${oneLine(path)} holds no PEM certificate (-----BEGIN CERTIFICATE-----)`,
    );
  }
  for (const [index, certificate] of certificates.entries()) {
    try {
      new X509Certificate(certificate);
    } catch (error) {
      const place =
        certificates.length === 1 ? 'the certificate' : `certificate ${index + 1} of ${certificates.length}`;
      throw new SettingError(
        `${setting}: ${place} in ${oneLine(path)} cannot be read (${codeOf(error) ?? messageOf(error)})`,
        {
          cause: error,
        },
      );
    }
  }
  return certificates.join('\n');
}
