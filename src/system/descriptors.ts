import { closeSync, openSync } from 'node:fs'

/** A program takes two descriptors for each of its three pipes, and two for news of a failed start. */
const NEEDED = 8

/**
 * Why no program can be started for lack of file descriptors; undefined when there are enough. Asked right before, in the
 * same turn: Node answers EMFILE and ENFILE with half a child process, whose error nobody can catch (Node 20.20).
 */
export function descriptorFault(): NodeJS.ErrnoException | undefined {
  const open: number[] = []
  try {
    while (open.length < NEEDED) open.push(openSync('/dev/null', 'r'))
    return undefined
  } catch (error) {
    return error as NodeJS.ErrnoException
  } finally {
    for (const descriptor of open) closeSync(descriptor)
  }
}
