/** One word of a command line after the program, as systemd.service(5), "COMMAND LINES", reads it. */
export function argument(text: string): string {
  return quoted(text.replaceAll('$', '$$$$'))
}

/** The program, in which no variables are expanded. */
export function program(text: string): string {
  return quoted(text)
}

/** One path of a setting that takes a list of them; what would have to be escaped inside is refused (`unitFaults`). */
export function listed(path: string): string {
  return path.includes(' ') ? `"${specified(path)}"` : specified(path)
}

/** Text in which only specifiers are expanded (systemd.unit(5), "SPECIFIERS"). */
export function specified(text: string): string {
  return text.replaceAll('%', '%%')
}

function quoted(text: string): string {
  const word = specified(text)
  return /^[\w./:,@+=$%[\]-]+$/.test(text) ? word : `"${word.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}
