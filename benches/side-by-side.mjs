// Ours, the scheme that it replaces, and p2p-media-loader: the same stream, machine and browsers, one after the other.

import { writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { App, Channel } from '../tests/browser/app.mjs'
import { openChromium } from '../tests/browser/browsers.mjs'
import { quantile } from '../tests/browser/strip.mjs'
import { usedBy, usedByBrowsers } from './side-by-side/processor.mjs'
import { markdown } from './side-by-side/table.mjs'
import { plot } from './side-by-side/plot.mjs'
import { SCHEMES } from './side-by-side/schemes.mjs'
import { Watcher } from './side-by-side/watcher.mjs'

/** Small, so that eight software decoders are no burden; grain makes it take its whole rate all the same. */
const PICTURE = { resolution: '320x180', fps: 15, bitrate: '2500k' }
/** The shortest slice begins with a key frame. */
const KEY_FRAME_MS = 1000
/** Viewers do not all come at once. */
const BETWEEN_JOINS_MS = 1000
/** Joining, and finding how much to hold, is not what is measured: this long, and at least so many slices. */
const SETTLING_S = 10
const SETTLING_SLICES = 3

const { values } = parseArgs({
  options: {
    viewers: { type: 'string', default: '1,4,8' },
    seconds: { type: 'string', default: '60' },
    schemes: { type: 'string', default: Object.keys(SCHEMES).join(',') },
    output: { type: 'string' }
  }
})
const seconds = Number(values.seconds)
const rows = []
for (const viewers of values.viewers.split(',').map(Number)) {
  for (const name of values.schemes.split(',')) {
    const row = await compare(SCHEMES[name], viewers)
    console.error(JSON.stringify(row))
    rows.push(row)
  }
}
console.table(rows)
if (values.output !== undefined) {
  writeFileSync(`${values.output}.json`, rows.map(row => JSON.stringify(row) + '\n').join(''))
  writeFileSync(`${values.output}.md`, markdown(rows))
  writeFileSync(`${values.output}.svg`, plot(rows))
}

/**
 * @param {import('./side-by-side/schemes.mjs').Scheme} scheme
 * @param {number} viewers
 */
async function compare (scheme, viewers) {
  const channel = new Channel()
  /** @type {(() => unknown)[]} */
  const ends = [() => channel.remove()]
  const context = { after: (/** @type {() => unknown} */ end) => ends.push(end) }
  try {
    const app = await App.live(context, channel, { source: 'test:busy', keyFrameMillis: KEY_FRAME_MS, ...PICTURE })
    const source = await scheme.open(app, context)
    const browser = await openChromium()
    context.after(() => browser.close())
    const watchers = []
    const joins = []
    for (let viewer = 0; viewer < viewers; viewer++) {
      const watcher = new Watcher(await browser.newPage(), scheme.counts)
      joins.push(watcher.join(source.link))
      watchers.push(watcher)
      await sleep(BETWEEN_JOINS_MS)
    }
    const joined = await Promise.all(joins)
    for (const watcher of watchers) await watcher.begin()
    await sleep(Math.max(SETTLING_S, SETTLING_SLICES * scheme.slice) * 1000)
    return { ...row(scheme, viewers, joined), ...await measured(source, watchers, app) }
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

/**
 * @param {import('./side-by-side/schemes.mjs').Scheme} scheme
 * @param {number} viewers
 * @param {(number | undefined)[]} joins
 */
function row ({ name, slice }, viewers, joins) {
  const joined = /** @type {number[]} */ (joins.filter(join => join !== undefined))
  return {
    scheme: name,
    'slice s': slice,
    viewers,
    joined: joined.length,
    'join p50 ms': quantile(joined, 0.5),
    'join max ms': quantile(joined, 1)
  }
}

/**
 * @param {import('./side-by-side/source.mjs').Source} source
 * @param {Watcher[]} watchers
 * @param {App} app
 */
async function measured (source, watchers, app) {
  const look = async () => ({
    pages: await Promise.all(watchers.map(watcher => watcher.take())),
    source: { ...source.stats() },
    dropped: app.stats?.dropped_frames ?? 0,
    sourceProcessor: usedBy(source.pids),
    browsersProcessor: usedByBrowsers(),
    at: Date.now()
  })
  const before = await look()
  await sleep(seconds * 1000)
  const after = await look()
  const took = (after.at - before.at) / 1000
  const delays = after.pages.flatMap(({ delays }) => delays)
  /** @param {'frames' | 'played' | 'missing' | 'connections'} what */
  const grown = what => sum(after.pages.map((page, viewer) => page[what] - (what === 'frames' ? 0 : before.pages[viewer][what])))
  const sent = after.source.uploaded_bytes - before.source.uploaded_bytes
  const stream = after.source.stream_bytes - before.source.stream_bytes
  return {
    'delay p50 ms': quantile(delays, 0.5),
    'delay p95 ms': quantile(delays, 0.95),
    'frames shown %': percent(grown('frames'), PICTURE.fps * took * watchers.length),
    'upload in copies': hundredths(sent / stream),
    'missing slices': grown('missing'),
    'missing %': percent(grown('missing'), grown('played') + grown('missing')),
    'connections a viewer to join': hundredths(sum(before.pages.map(({ connections }) => connections)) / watchers.length),
    'connections a viewer and minute': hundredths(grown('connections') / watchers.length / took * 60),
    'source cores': hundredths((after.sourceProcessor - before.sourceProcessor) / took),
    'browser cores': hundredths((after.browsersProcessor - before.browsersProcessor) / took),
    'stream Mbit/s': hundredths(stream * 8 / took / 1e6),
    'dropped frames': after.dropped - before.dropped,
    load: hundredths(loadavg()[0])
  }
}

/** @param {number} part @param {number} whole */
function percent (part, whole) {
  return whole === 0 ? 0 : Math.round(part / whole * 1000) / 10
}

/** @param {number[]} values */
function sum (values) {
  return values.reduce((sum, value) => sum + value, 0)
}

/** @param {number} value */
function hundredths (value) {
  return Math.round(value * 100) / 100
}
