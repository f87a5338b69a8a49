import { describe, expect, it } from 'vitest'
import { runCommand } from '../lab/process.ts'
import { dashboard } from './monitoring.ts'

const { panels, schemaVersion, templating } = dashboard()

describe('the dashboard', () => {
  it('is a classic one, of any data source', () => {
    expect(schemaVersion).toBe(39)
    expect(templating.list.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'datasource datasource',
      'job query',
      'instance query',
    ])
    for (const { datasource } of panels) expect(datasource.uid).toBe('${datasource}')
  })

  it('begins with a row of states, and shows the rest below', () => {
    expect(panels.length).toBeGreaterThanOrEqual(12)
    const states = panels.filter(({ type }) => type === 'stat')
    expect(states.map(({ gridPos }) => gridPos.y)).toEqual(states.map(() => 0))
    expect(states.reduce((sum, { gridPos }) => sum + gridPos.w, 0)).toBe(24)
  })

  it('has panels that do not overlap, each with its own number and a word on what it shows', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)} ${y + Math.floor(n / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    for (const { description } of panels) expect(description).toMatch(/^.{20,}/)
  })

  it.each(panels)('$title: asks the chosen hosts only', ({ targets }) => {
    for (const { expr } of targets) expect(expr).toContain('{job=~"$job", instance=~"$instance"}')
  })

  it('asks in PromQL that is valid', async () => {
    const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
    const asRule = (query: string, index: number) => ({
      record: `panel_${index}`,
      expr: query.replaceAll(/\$__(rate_interval|range)/g, '5m'),
    })
    const input = JSON.stringify({ groups: [{ name: 'panels', rules: queries.map(asRule) }] })
    // It wants a file, and Node hands a socket, which cannot be opened by a name.
    const result = await runCommand(['sh', '-c', 'cat | promtool check rules /dev/stdin'], { input })
    expect(result).toMatchObject({ exitCode: 0, stderr: '' })
    expect(result.stdout).toContain(`SUCCESS: ${queries.length} rules found`)
  })
})
