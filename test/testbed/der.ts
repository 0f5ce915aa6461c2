/** The part of ASN.1 DER (ITU-T X.690) that an X.509 certificate needs. */

/** Encodes one value: tag, length, contents. */
export function tagged(tag: number, ...contents: Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(body.length)]), body]);
}

export const sequence = (...contents: Uint8Array[]): Buffer => tagged(0x30, ...contents);

export const set = (...contents: Uint8Array[]): Buffer => tagged(0x31, ...contents);

export const boolean = (value: boolean): Buffer => tagged(0x01, Buffer.from([value ? 0xff : 0]));

export const octetString = (contents: Uint8Array): Buffer => tagged(0x04, contents);

export const utf8String = (text: string): Buffer => tagged(0x0c, Buffer.from(text));

/** Encodes a whole number of octets as a BIT STRING with the given count of unused low bits. */
export const bitString = (contents: Uint8Array, unusedBits = 0): Buffer =>
  tagged(0x03, Buffer.from([unusedBits]), contents);

/** Encodes an unsigned big-endian number; a zero octet keeps it positive where needed. */
export function unsignedInteger(bytes: Uint8Array): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = start < 0 ? Buffer.from([0]) : bytes.subarray(start);
  const sign = (digits[0] ?? 0) >= 0x80 ? [0] : [];
  return tagged(0x02, Buffer.from(sign), digits);
}

/** Encodes an object identifier given in dotted notation. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** Encodes a time with whole seconds as UTCTime, which RFC 5280 demands until the year 2049. */
export function utcTime(time: Date): Buffer {
  const digits = time
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:T]/g, '');
  return tagged(0x17, Buffer.from(digits.slice(2)));
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) octets.unshift(rest & 0xff);
  return [0x80 | octets.length, ...octets];
}

function base128(value: number): number[] {
  const octets = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) octets.unshift((rest & 0x7f) | 0x80);
  return octets;
}
