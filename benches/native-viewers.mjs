// Many native viewers, each on a host of its own, with delay and loss between all of them. Needs root, for the hosts.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { loadavg } from 'node:os'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Channel, PROGRAM } from '../tests/browser/app.mjs'
import { quantile } from '../tests/browser/strip.mjs'
import { options, say } from './browser/session.mjs'
import { addressOf, atHost, makeHosts } from './hosts/hosts.mjs'
import { usedBy } from './side-by-side/processor.mjs'

const PORT = 8080
/** Until the broadcast is live. */
const PATIENCE_MS = 60_000

const { viewers, seconds, 'settle-s': settling, 'joins-a-second': joins, kbit, 'segment-ms': segmentMillis, 'delay-ms': delay, 'loss-percent': loss, json } =
  options({ viewers: 100, seconds: 60, 'settle-s': 20, 'joins-a-second': 5, kbit: 2500, 'segment-ms': 250, 'delay-ms': 50, 'loss-percent': 1 })

const channel = new Channel()
/** @type {(() => unknown)[]} */
const ends = [() => channel.remove()]
try {
  say([await measured()], json)
} finally {
  for (const end of ends.reverse()) await end()
}

async function measured () {
  const network = await makeHosts(viewers + 1, { delay, loss }, ends)
  const streamer = runAt(0, ['broadcast', '--source', 'test:busy', '--listen', `${addressOf(0)}:${PORT}`,
    '--resolution', '320x180', '--fps', '15', '--bitrate', `${kbit}k`, '--segment-ms', String(segmentMillis), '--json'])
  const { link } = await streamer.heard('live')
  /** @type {ReturnType<typeof runAt>[]} */
  const watching = []
  for (let viewer = 1; viewer <= viewers; viewer++) {
    watching.push(runAt(viewer, ['watch', link, '--json']))
    await sleep(1000 / joins)
  }
  await sleep(settling * 1000)

  const look = () => ({
    at: Date.now(),
    streamer: { ...streamer.latest.stats },
    sent: network.latest.first_host_bytes,
    viewers: watching.map(({ latest }) => ({ ...latest.stats })),
    viewersProcessor: usedBy(watching.map(({ pid }) => pid)),
    streamerProcessor: usedBy([streamer.pid]),
    networkProcessor: usedBy([network.pid])
  })
  const before = look()
  for (const { medians } of watching) medians.length = 0
  let late = 0
  for (let second = 0; second < seconds; second++) {
    await sleep(1000)
    late = Math.max(late, network.latest.latest_ms)
  }
  const after = look()

  const took = (after.at - before.at) / 1000
  /** @param {string} name @returns {number[]} of each viewer */
  const grown = name => after.viewers.map((viewer, index) => (viewer[name] ?? 0) - (before.viewers[index][name] ?? 0))
  const stream = after.streamer.stream_bytes - before.streamer.stream_bytes
  const segments = after.streamer.segments - before.streamer.segments
  const lost = sum(grown('lost_segments'))
  const medians = watching.flatMap(({ medians }) => medians)
  const had = grown('segments').map(count => Math.min(count / segments, 1) * 100)
  return {
    viewers,
    joined: after.viewers.filter(viewer => viewer.segments > 0).length,
    'first segment p50 ms': quantile(watching.flatMap(({ latest }) => latest['first-segment']?.after_ms ?? []), 0.5),
    'first segment p95 ms': quantile(watching.flatMap(({ latest }) => latest['first-segment']?.after_ms ?? []), 0.95),
    'segments had %': hundredths(sum(had) / viewers),
    'worst viewer %': hundredths(Math.min(...had)),
    'segments lost': lost,
    'time stalled %': hundredths(sum(grown('stalled_ms')) / 1000 / took / viewers * 100),
    'delay p50 ms': quantile(medians, 0.5),
    'delay p95 ms': quantile(medians, 0.95),
    'delay p99 ms': quantile(medians, 0.99),
    'upload in copies': hundredths((after.streamer.uploaded_bytes - before.streamer.uploaded_bytes) / stream),
    'upload on the wire, copies': hundredths((after.sent - before.sent) / stream),
    'duplicates %': hundredths(sum(grown('duplicate_bytes')) / sum(grown('downloaded_bytes')) * 100),
    'stream Mbit/s': hundredths(stream * 8 / took / 1e6),
    'streamer cores': hundredths((after.streamerProcessor - before.streamerProcessor) / took),
    'cores a viewer': Math.round((after.viewersProcessor - before.viewersProcessor) / took / viewers * 10000) / 10000,
    'network cores': hundredths((after.networkProcessor - before.networkProcessor) / took),
    'network late by, ms': late,
    load: hundredths(loadavg()[0])
  }
}

/**
 * The program on one of the hosts, and what it says.
 * @param {number} host
 * @param {string[]} line
 */
function runAt (host, line) {
  // The library complains of each packet that cannot go from loopback to another host.
  const environment = { ...process.env, XDG_CONFIG_HOME: channel.folder, RUST_LOG: process.env.RUST_LOG ?? 'off' }
  const child = spawn('ip', atHost(host, PROGRAM, line), { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = once(child, 'exit')
  ends.push(() => {
    child.kill('SIGKILL')
    return gone
  })
  /** @type {Record<string, any>} the newest of each kind */
  const latest = { stats: {} }
  /** @type {number[]} of each second's delays */
  const medians = []
  createInterface({ input: child.stdout }).on('line', text => {
    const said = JSON.parse(text)
    latest[said.event] = said
    if (said.event === 'stats' && typeof said.delay_ms === 'number') medians.push(said.delay_ms)
  })
  return {
    latest,
    medians,
    // `ip netns exec` becomes the program.
    pid: /** @type {number} */ (child.pid),
    /** @param {string} event */
    heard: async event => {
      for (const deadline = Date.now() + PATIENCE_MS; latest[event] === undefined; await sleep(50)) {
        if (Date.now() > deadline) throw new Error(`host ${host} does not say '${event}'`)
      }
      return latest[event]
    }
  }
}

/** @param {number[]} values */
function sum (values) {
  return values.reduce((sum, value) => sum + value, 0)
}

/** @param {number} value */
function hundredths (value) {
  return Math.round(value * 100) / 100
}
