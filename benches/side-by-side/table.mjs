// Rows as a Markdown table.

/** @param {Record<string, unknown>[]} rows */
export function markdown (rows) {
  const names = Object.keys(rows[0])
  const line = (/** @type {unknown[]} */ cells) => `| ${cells.map(cell => cell ?? '–').join(' | ')} |\n`
  return line(names) + line(names.map(() => '---')) + rows.map(row => line(names.map(name => row[name]))).join('')
}
