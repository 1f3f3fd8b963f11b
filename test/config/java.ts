import { spawnSync } from 'node:child_process';

/** Whether `java FILE.java` works here: a runtime alone, which is all that a server needs, has no compiler. */
export const javaCompiles =
  spawnSync('java', ['--list-modules'], { encoding: 'utf8' }).stdout?.includes('jdk.compiler@') === true;
