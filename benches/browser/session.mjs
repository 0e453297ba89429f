// What the browser benchmarks share: a broadcast, a browser, options, and how results are said.

import { parseArgs } from 'node:util'
import { App, Channel } from '../../tests/browser/app.mjs'
import { openChromium } from '../../tests/browser/browsers.mjs'

/**
 * Runs `measure` with a broadcast and a browser, and ends both.
 * @template T
 * @param {{ segmentMillis?: number }} options
 * @param {(app: App, browser: Awaited<ReturnType<typeof openChromium>>) => Promise<T>} measure
 * @returns {Promise<T>}
 */
export async function during (options, measure) {
  const channel = new Channel()
  /** @type {(() => unknown)[]} */
  const ends = []
  try {
    const app = await App.live({ after: end => ends.push(end) }, channel, options)
    const browser = await openChromium()
    ends.push(() => browser.close())
    return await measure(app, browser)
  } finally {
    for (const end of ends.reverse()) await end()
    channel.remove()
  }
}

/**
 * The command line's numbers and lists of numbers, over these defaults.
 * @template {Record<string, number | number[]>} T
 * @param {T} defaults
 * @returns {T & { json: boolean }}
 */
export function options (defaults) {
  const named = Object.fromEntries(Object.keys(defaults).map(name => [name, { type: /** @type {const} */ ('string') }]))
  const { values } = parseArgs({ options: { ...named, json: { type: 'boolean', default: false } } })
  const read = Object.entries(defaults).map(([name, usual]) => {
    const text = /** @type {Record<string, string | undefined>} */ (/** @type {unknown} */ (values))[name]
    if (text === undefined) return [name, usual]
    const numbers = text.split(',').map(Number)
    if (!numbers.every(Number.isFinite)) throw new Error(`--${name} takes numbers, not '${text}'`)
    return [name, Array.isArray(usual) ? numbers : numbers[0]]
  })
  return { ...Object.fromEntries(read), json: values.json === true }
}

/**
 * @param {Record<string, unknown>[]} rows
 * @param {boolean} json
 */
export function say (rows, json) {
  if (json) for (const row of rows) console.log(JSON.stringify(row))
  else console.table(rows)
}
