const STEP = 10

/**
 * Calls after so many milliseconds, which are counted in steps of ten that this process has to get: on a machine that keeps
 * it waiting, an answer is waited for as much longer. Returns what calls it off.
 */
export function afterSteps(milliseconds: number, effect: () => void): () => void {
  let left = Math.ceil(milliseconds / STEP)
  const step = (): NodeJS.Timeout =>
    setTimeout(() => {
      left -= 1
      if (left > 0) timer = step()
      else effect()
    }, STEP)
  let timer = step()
  return () => clearTimeout(timer)
}
