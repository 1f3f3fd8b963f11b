// RFC 2268. OpenSSL 3 has RC2 only in its legacy provider, which Node does not load, while Java up to 8u300 encrypts
// the certificates of every PKCS12 store with it. Only what reading such a store takes is here: CBC decryption.

// biome-ignore format: the table reads best as the RFC prints it
const PI_TABLE = Buffer.from(
  'd978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2' +
  '179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82' +
  '54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626' +
  '6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7' +
  '08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec' +
  'c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731' +
  '2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9' +
  '0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad',
  'hex',
);

const BLOCK = 8;

/** Decrypts RC2-CBC with PKCS 7 padding; `key` is as long as its effective bits. `undefined` when the padding is wrong. */
export function decryptRc2Cbc(key: Buffer, iv: Buffer, data: Buffer): Buffer | undefined {
  if (data.length === 0 || data.length % BLOCK !== 0) return undefined;
  const words = expandKey(key);
  const out = Buffer.alloc(data.length);
  let previous = iv;
  for (let at = 0; at < data.length; at += BLOCK) {
    const block = data.subarray(at, at + BLOCK);
    const plain = decryptBlock(words, block);
    for (let i = 0; i < BLOCK; i++) out[at + i] = (plain[i] ?? 0) ^ (previous[i] ?? 0);
    previous = block;
  }
  const padding = out[out.length - 1] ?? 0;
  const sound = padding >= 1 && padding <= BLOCK && out.subarray(-padding).every((byte) => byte === padding);
  return sound ? out.subarray(0, -padding) : undefined;
}

function expandKey(key: Buffer): Uint16Array {
  const pi = (index: number) => PI_TABLE[index & 0xff] ?? 0;
  const bytes = Buffer.alloc(128);
  key.copy(bytes);
  const at = (index: number) => bytes[index] ?? 0;
  for (let i = key.length; i < 128; i++) bytes[i] = pi(at(i - 1) + at(i - key.length));
  bytes[128 - key.length] = pi(at(128 - key.length));
  for (let i = 127 - key.length; i >= 0; i--) bytes[i] = pi(at(i + 1) ^ at(i + key.length));
  return Uint16Array.from({ length: 64 }, (_, i) => bytes.readUInt16LE(2 * i));
}

const ROTATIONS = [1, 2, 3, 5];

function decryptBlock(key: Uint16Array, block: Buffer): Buffer {
  const r = [0, 2, 4, 6].map((offset) => block.readUInt16LE(offset));
  const word = (index: number) => r[index & 3] ?? 0;
  let j = 63;
  const mix = () => {
    for (let i = 3; i >= 0; i--, j--) {
      const turn = ROTATIONS[i] ?? 0;
      const turned = (word(i) >>> turn) | (word(i) << (16 - turn));
      const added = (key[j] ?? 0) + (word(i + 3) & word(i + 2)) + (~word(i + 3) & word(i + 1));
      r[i] = (turned - added) & 0xffff;
    }
  };
  const mash = () => {
    for (let i = 3; i >= 0; i--) r[i] = (word(i) - (key[word(i + 3) & 63] ?? 0)) & 0xffff;
  };
  for (let round = 0; round < 5; round++) mix();
  mash();
  for (let round = 0; round < 6; round++) mix();
  mash();
  for (let round = 0; round < 5; round++) mix();
  const out = Buffer.alloc(BLOCK);
  r.forEach((value, i) => {
    out.writeUInt16LE(value, 2 * i);
  });
  return out;
}
