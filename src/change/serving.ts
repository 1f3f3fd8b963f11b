/** What a member is that serves as one of an ensemble. */
export const SERVING: readonly string[] = ['leader', 'follower', 'observer'];
