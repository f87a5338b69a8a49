/** Waits until it holds; fails with `what` after so many milliseconds. */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  what: string,
  milliseconds = 5_000,
): Promise<void> {
  const end = performance.now() + milliseconds
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${milliseconds} ms: ${what}`)
    await pause(10)
  }
}

export async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds))
}
