// A source of one scheme, as the benchmark sees it: a link, counters, and the processes whose work it is.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { App, PROGRAM } from '../../tests/browser/app.mjs'

/** For a playlist to fill, and for what takes a second on an idle machine. */
const PATIENCE_MS = 150_000

/**
 * @typedef {object} Source
 * @property {string} link
 * @property {() => { stream_bytes: number, uploaded_bytes: number }} stats
 * @property {number[]} pids of the processes that encode, serve and seed
 */

/** The program alone. @param {App} app @returns {Source} */
export function ours (app) {
  return {
    link: app.link,
    stats: () => /** @type {{ stream_bytes: number, uploaded_bytes: number }} */ (/** @type {unknown} */ (app.stats)),
    pids: [/** @type {number} */ (app.pid)]
  }
}

/**
 * The program as encoder, and another scheme's source that its native viewer feeds.
 * @param {App} app
 * @param {{ after: (end: () => unknown) => void }} context
 * @param {string[]} script and its arguments
 * @returns {Promise<Source>}
 */
export async function fed (app, context, [script, ...more]) {
  const feed = spawn(PROGRAM, ['watch', app.link, '--output', '-'], { stdio: ['ignore', 'pipe', 'ignore'] })
  context.after(() => feed.kill('SIGKILL'))
  const path = fileURLToPath(new URL(script, import.meta.url))
  const source = spawn(process.execPath, [path, ...more], { stdio: [feed.stdout, 'pipe', 'inherit'] })
  context.after(() => source.kill('SIGKILL'))
  // The pipe is the other process's now.
  feed.stdout.destroy()
  let stats = { stream_bytes: 0, uploaded_bytes: 0 }
  const link = await new Promise((resolve, reject) => {
    const giveUp = setTimeout(() => reject(new Error(`${script} does not go live`)), PATIENCE_MS)
    source.once('exit', code => reject(new Error(`${script} ended with ${code} before it was live`)))
    createInterface({ input: source.stdout }).on('line', text => {
      const said = JSON.parse(text)
      if (said.event === 'stats') stats = said
      if (said.event !== 'live') return
      clearTimeout(giveUp)
      resolve(said.link)
    })
  })
  return { link, stats: () => stats, pids: [/** @type {number} */ (app.pid), /** @type {number} */ (source.pid)] }
}
