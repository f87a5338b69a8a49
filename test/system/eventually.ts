import { PATIENCE } from '../lab/process.ts'

/** The machine's own clock, also where a test has put another in its place. */
const timer = setTimeout

/** Waits until it holds; fails with `what` when it does not within `PATIENCE`. */
export async function eventually(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + PATIENCE
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${PATIENCE} ms: ${what}`)
    await pause(10)
  }
}

export async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => timer(resolve, milliseconds))
}
