/** ZooKeeperServer.superSecret: the same in every release, and no secret at all. */
const SUPER_SECRET = 0xb341_5c00n;
/** Those of java.util.Random, a generator of 48 bits. */
const MULTIPLIER = 0x5_deec_e66dn;
const MASK = (1n << 48n) - 1n;
const PASSWORD_BYTES = 16;

/**
 * The password a server gives with a session, and asks for when somebody goes on with it: 16 bytes of java.util.Random,
 * seeded with the id (ZooKeeperServer.generatePasswd). So who knows an id may end its session.
 */
export function sessionPassword(sessionId: bigint): Buffer {
  const password = Buffer.alloc(PASSWORD_BYTES);
  let seed = (BigInt.asUintN(64, sessionId) ^ SUPER_SECRET ^ MULTIPLIER) & MASK;
  for (let at = 0; at < PASSWORD_BYTES; at += 4) {
    seed = (seed * MULTIPLIER + 0xbn) & MASK;
    // nextInt's 32 bits, the lowest byte first.
    password.writeInt32LE(Number(BigInt.asIntN(32, seed >> 16n)), at);
  }
  return password;
}
