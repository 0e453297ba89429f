// Delay and upload by audience as one picture: a panel each, a line for each scheme.

const WIDTH = 420
const HEIGHT = 260
const MARGIN = { left: 56, right: 16, top: 28, bottom: 36 }
const LEGEND_LINE = 18
/** Told apart by people who see fewer colours (Okabe and Ito). */
const COLOURS = ['#d55e00', '#0072b2', '#56b4e9', '#009e73', '#cc79a7']

/** @typedef {Record<string, any>} Row */

/** @param {Row[]} rows */
export function plot (rows) {
  const names = [...new Set(rows.map(label))]
  const height = HEIGHT + names.length * LEGEND_LINE + 8
  const panels = [
    panel(rows, names, { title: 'Delay p50, seconds', value: row => row['delay p50 ms'] / 1000, marks: [0.3, 1, 3, 10, 30, 100] }),
    panel(rows, names, { title: 'Upload of the source, copies', value: row => row['upload in copies'], marks: [0.5, 1, 2, 4, 8] })
  ]
  const legend = names.map((name, index) => {
    const y = HEIGHT + index * LEGEND_LINE + 8
    return `<rect x="${MARGIN.left}" y="${y - 8}" width="12" height="4" fill="${COLOURS[index % COLOURS.length]}"/>` +
      `<text x="${MARGIN.left + 20}" y="${y - 2}">${name}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${2 * WIDTH}" height="${height}" ` +
    'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>\n' +
    panels.map((panel, index) => `<g transform="translate(${index * WIDTH} 0)">${panel}</g>`).join('\n') + '\n' +
    legend.join('\n') + '\n</svg>\n'
}

/** @param {Row} row */
function label (row) {
  return `${row.scheme}, ${row['slice s']} s`
}

/**
 * Logarithmic upwards; the audiences side by side.
 * @param {Row[]} rows
 * @param {string[]} names
 * @param {{ title: string, value: (row: Row) => number, marks: number[] }} what
 */
function panel (rows, names, { title, value, marks }) {
  const audiences = [...new Set(rows.map(row => row.viewers))]
  const [lowest, highest] = [Math.log(marks[0]), Math.log(/** @type {number} */ (marks.at(-1)))]
  const x = (/** @type {number} */ viewers) => MARGIN.left + (audiences.indexOf(viewers) + 0.5) *
    (WIDTH - MARGIN.left - MARGIN.right) / audiences.length
  const y = (/** @type {number} */ value) => HEIGHT - MARGIN.bottom -
    (Math.min(Math.max(Math.log(value), lowest), highest) - lowest) / (highest - lowest) * (HEIGHT - MARGIN.top - MARGIN.bottom)
  const grid = marks.map(mark => `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(mark)}" y2="${y(mark)}" ` +
    `stroke="#ddd"/><text x="${MARGIN.left - 6}" y="${y(mark) + 4}" text-anchor="end">${mark}</text>`)
  const below = audiences.map(viewers => `<text x="${x(viewers)}" y="${HEIGHT - MARGIN.bottom + 16}" ` +
    `text-anchor="middle">${viewers} viewer${viewers === 1 ? '' : 's'}</text>`)
  const lines = names.flatMap((name, index) => {
    const points = rows.filter(row => label(row) === name && Number.isFinite(value(row)))
      .map(row => `${x(row.viewers).toFixed(1)},${y(value(row)).toFixed(1)}`)
    const colour = COLOURS[index % COLOURS.length]
    return [
      `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...points.map(point => `<circle cx="${point.split(',')[0]}" cy="${point.split(',')[1]}" r="3.5" fill="${colour}"/>`)
    ]
  })
  return `<text x="${MARGIN.left}" y="18" font-weight="bold">${title}</text>${[...grid, ...below, ...lines].join('')}`
}
