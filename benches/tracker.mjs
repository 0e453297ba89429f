// What a tracker of ours carries beside `aquatic_ws`: thousands of peers on the same load, one after the other.
//
// The rate is told for one second of one processor's time, so that it is the tracker that is measured and not whatever else the
// machine does; memory by what the process has grown for each peer that is there.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { options, say } from './browser/session.mjs'
import { usedBy } from './side-by-side/processor.mjs'

const MANIFEST = fileURLToPath(new URL('tracker/Cargo.toml', import.meta.url))
const TARGET = fileURLToPath(new URL('tracker/target', import.meta.url))
const PROGRAM = resolve(process.env.LIVEONTORRENT ?? fileURLToPath(new URL('../target/debug/liveontorrent', import.meta.url)))
/** `cargo install aquatic_ws` puts it where programs are found. */
const AQUATIC = process.env.AQUATIC_WS ?? 'aquatic_ws'
const PORT = 3900

const { peers, seconds, pace, json } = options({ peers: 2000, seconds: 20, pace: 4 })

execFileSync('cargo', ['build', '--release', '--locked', '--manifest-path', MANIFEST, '--target-dir', TARGET], { stdio: ['ignore', 'ignore', 'inherit'] })
const folder = mkdtempSync(join(tmpdir(), 'lot-tracker-'))
try {
  const rows = []
  rows.push(await measured('ours', PROGRAM, [
    'hub', '--listen', `127.0.0.1:${PORT}`, '--max-connections', '20000', '--max-connections-per-address', '20000'
  ], `ws://127.0.0.1:${PORT}/announce`))
  const config = join(folder, 'aquatic.toml')
  // One worker of each kind, as one core has; otherwise what `aquatic_ws -p` prints.
  writeFileSync(config, `socket_workers = 1\nswarm_workers = 1\n[network]\naddress = "127.0.0.1:${PORT + 1}"\nenable_tls = false\n`)
  rows.push(await measured('aquatic_ws', AQUATIC, ['-c', config], `ws://127.0.0.1:${PORT + 1}/`))
  say(rows, json)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/**
 * @param {string} name
 * @param {string} program
 * @param {string[]} line
 * @param {string} url
 */
async function measured (name, program, line, url) {
  // A processor each, as far as others leave them alone.
  const tracker = spawn('taskset', ['-c', '0', program, ...line], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  const { pid } = tracker
  if (pid === undefined) throw new Error(`${program} cannot be started`)
  try {
    await reachable(url)
    const empty = memory(pid)
    const load = spawn('taskset', ['-c', '1', `${TARGET}/release/tracker-load`, url, String(peers), String(seconds), String(pace)], {
      stdio: ['pipe', 'pipe', 'inherit']
    })
    const lines = createInterface({ input: load.stdout })
    const told = async () => JSON.parse((await once(lines, 'line'))[0])
    const { joined } = await told()
    await sleep(1000)
    const full = memory(pid)
    const before = usedBy([pid])
    load.stdin.write('\n')
    const came = await told()
    const used = usedBy([pid]) - before
    const messages = came.announces + came.replies + came.offers + 2 * came.answers
    return {
      tracker: name,
      peers: joined,
      'KB a peer': Math.round((full - empty) / joined / 100) / 10,
      'announces a second': Math.round(came.announces / seconds),
      'answered %': Math.round(1000 * came.replies / came.announces) / 10,
      'offers answered %': Math.round(1000 * came.answers / came.offers) / 10,
      'announces a CPU second': Math.round(came.announces / used),
      'messages a CPU second': Math.round(messages / used),
      'lost or refused': came.lost + came.failures,
      load: Math.round(10 * loadavg()[0]) / 10
    }
  } finally {
    tracker.kill('SIGKILL')
  }
}

/** @param {string} url */
async function reachable (url) {
  const { hostname, port } = new URL(url)
  for (let tries = 0; tries < 100; tries++) {
    const socket = connect(Number(port), hostname)
    const opened = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(() => false)
    socket.destroy()
    if (opened) return
    await sleep(100)
  }
  throw new Error(`nobody listens at ${url}`)
}

/**
 * Bytes in memory.
 * @param {number} pid
 */
function memory (pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return 1024 * Number(/VmRSS:\s*(\d+)/.exec(status)?.[1])
}
