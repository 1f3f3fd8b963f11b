import * as Flags from '@oclif/core/flags';

/** Flags of the changes that one member tries before the others. */
export const oneFirstFlags = {
  only: Flags.string({
    env: 'ZKSH_ROLLING_ONLY',
    helpValue: '<id,…>',
    description: 'these members alone',
  }),
  first: Flags.string({
    env: 'ZKSH_ROLLING_FIRST',
    helpValue: '<id>',
    description: 'member that tries it first; a follower if not given',
  }),
  ignore: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    env: 'ZKSH_ROLLING_IGNORE',
    helpValue: '<rule>',
    description: 'rule of config lint that is not applied; may be repeated',
  }),
};
