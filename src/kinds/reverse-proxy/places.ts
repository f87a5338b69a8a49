import type { World } from '../../model/world.ts'

/** sun_path holds 107 bytes (unix(7)); HAProxy binds under a longer name first. */
const LONGEST_RUN_DIR = 70

/** Why the reverse proxy's files and sockets cannot be where they should be; undefined: they can. */
export function placesFault({ stateDir, runDir }: World['places']): string | undefined {
  if (runDir.length > LONGEST_RUN_DIR)
    return `the run directory ${runDir} is too long for the name of a socket (at most ${LONGEST_RUN_DIR} characters)`
  // HAProxy expands $ and ends an address at a comma; ps shows what is not ASCII as question marks.
  const odd = [stateDir, runDir].find((path) => !/^[ -~]+$/.test(path) || /[,$]/.test(path))
  return odd === undefined ? undefined : `the path ${odd} has a character that HAProxy cannot take`
}
