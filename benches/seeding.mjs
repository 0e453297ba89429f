// What seeding costs: the program's connections, the stock WebTorrent, str0m and libdatachannel, each serving the same
// torrent over the same wire and loopback to the same downloader.

import { execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { options, say } from './browser/session.mjs'
import { addressOf, atHost, makeHosts } from './hosts/hosts.mjs'
import { usedBy } from './side-by-side/processor.mjs'

const MANIFEST = fileURLToPath(new URL('seeding/Cargo.toml', import.meta.url))
const TARGET = fileURLToPath(new URL('seeding/target', import.meta.url))
const BINARIES = `${TARGET}/release/`
const WEBTORRENT = fileURLToPath(new URL('seeding/webtorrent.mjs', import.meta.url))
const GIGABYTE = 1e9
/** @type {[string, string, string[]][]} */
const SEEDERS = [
  ['ours (webrtc)', `${BINARIES}seed-ours`, []],
  ['webtorrent (node-datachannel)', process.execPath, [WEBTORRENT]],
  ['str0m', `${BINARIES}seed-str0m`, []],
  ['datachannel (libdatachannel)', `${BINARIES}seed-datachannel`, []]
]

// At 2.5 MB/s a seeder serves eight viewers of 2.5 Mbit/s; 0 is as fast as it goes.
// With a delay or losses, seeder and downloader are hosts of their own (which needs root).
const { megabytes, 'megabytes-a-second': paces, times, 'delay-ms': delay, 'loss-percent': loss, json } =
  options({ megabytes: 512, 'megabytes-a-second': [0, 2.5], times: 3, 'delay-ms': 0, 'loss-percent': 0 })

execFileSync('cargo', ['build', '--release', '--locked', '--manifest-path', MANIFEST, '--target-dir', TARGET], { stdio: ['ignore', 'ignore', 'inherit'] })
const apart = delay > 0 || loss > 0
/** @type {(() => unknown)[]} */
const ends = []
try {
  if (apart) await makeHosts(2, { delay, loss }, ends)
  say(await measured(), json)
} finally {
  for (const end of ends.reverse()) await end()
}

async function measured () {
  const rows = []
  for (const pace of paces) {
    // A minute is enough where it is slow by design.
    const bytes = pace === 0 ? megabytes * 1e6 : Math.min(megabytes, pace * 60) * 1e6
    const measured = []
    for (let time = 0; time < times; time++) {
      // In turns, so that what else the machine does hits all alike.
      for (const [name, program, line] of SEEDERS) {
        measured.push({ name, ...await seed(program, line, bytes, pace * 1e6) })
      }
    }
    const ours = middle(measured.filter(({ name }) => name === SEEDERS[0][0]).map(({ seeder }) => seeder))
    for (const [name] of SEEDERS) {
      const own = measured.filter(each => each.name === name)
      const seeder = middle(own.map(({ seeder }) => seeder))
      rows.push({
        seeder: name,
        'MB/s asked': pace === 0 ? 'all' : pace,
        'MB/s': rounded(middle(own.map(({ speed }) => speed)), 1),
        'CPU s a GB': rounded(seeder, 2),
        'ours takes': rounded(ours / seeder, 2),
        'peak memory MB': rounded(middle(own.map(({ memory }) => memory)), 1),
        'downloader CPU s a GB': rounded(middle(own.map(({ downloader }) => downloader)), 2),
        load: rounded(loadavg()[0], 1)
      })
    }
  }
  return rows
}

/**
 * @param {string} program
 * @param {string[]} line
 * @param {number} bytes
 * @param {number} pace bytes a second, or 0
 */
async function seed (program, line, bytes, pace) {
  const seeder = start(0, program, line)
  const downloader = start(1, `${BINARIES}download`, [String(bytes), String(pace)])
  try {
    seeder.tell(await downloader.hear())
    downloader.tell(await seeder.hear())
    await downloader.hear()
    const before = [usedBy([seeder.pid]), usedBy([downloader.pid])]
    downloader.tell({ go: true })
    const { seconds } = await downloader.hear()
    return {
      seeder: (usedBy([seeder.pid]) - before[0]) / bytes * GIGABYTE,
      downloader: (usedBy([downloader.pid]) - before[1]) / bytes * GIGABYTE,
      memory: peakMemory(seeder.pid),
      speed: bytes / seconds / 1e6
    }
  } finally {
    seeder.end()
    downloader.end()
  }
}

/**
 * @param {number} host where they have hosts of their own
 * @param {string} program
 * @param {string[]} line
 */
function start (host, program, line) {
  const env = { ...process.env, ADDRESS: apart ? addressOf(host) : '127.0.0.1' }
  const [command, options] = apart ? ['ip', atHost(host, program, line)] : [program, line]
  const child = spawn(command, options, { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const gone = new Promise((_resolve, reject) => {
    child.once('error', reject)
    child.once('exit', code => reject(new Error(`${program} ended with ${code}`)))
  })
  gone.catch(() => {})
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    pid: /** @type {number} */ (child.pid),
    tell: (/** @type {unknown} */ what) => child.stdin.write(JSON.stringify(what) + '\n'),
    hear: async () => JSON.parse((await Promise.race([lines.next(), gone])).value),
    end: () => child.kill('SIGKILL')
  }
}

/** @param {number} pid */
function peakMemory (pid) {
  const [, kilobytes] = /** @type {RegExpMatchArray} */ (readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmHWM:\s*(\d+)/))
  return Number(kilobytes) * 1024 / 1e6
}

/** @param {number[]} values */
function middle (values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
}

/** @param {number} value @param {number} places */
function rounded (value, places) {
  return Math.round(value * 10 ** places) / 10 ** places
}
