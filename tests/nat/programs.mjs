// The real program on hosts of that internet, and what it says.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { PROGRAM } from '../browser/app.mjs'

/** For what takes two seconds on an idle machine. */
export const PATIENCE_MS = 40_000
/** A path that there is has been found by then: ICE gives up after 15 s. */
export const NO_PATH_MS = 20_000
export const SMALL = ['--source', 'test', '--resolution', '320x180', '--fps', '10', '--bitrate', '200k', '--json']

/** @typedef {{ status: string, segments: number, by_peer: { streamer: boolean, downloaded_bytes: number }[] }} Figures */

/**
 * @param {import('node:child_process').ChildProcess} program
 * @param {(said: any) => boolean} wanted
 * @param {number} patience
 * @returns {Promise<any>} what it said; undefined when it has not in time
 */
export async function hear (program, wanted, patience = PATIENCE_MS) {
  assert.ok(program.stdout)
  const lines = createInterface({ input: program.stdout })
  const said = (async () => {
    for await (const line of lines) {
      const event = JSON.parse(line)
      if (wanted(event)) return event
    }
  })()
  const patient = new AbortController()
  const result = await Promise.race([said, sleep(patience, undefined, { signal: patient.signal })])
  patient.abort()
  // The program goes on talking, and nobody may be stopped by a pipe that is full.
  lines.close()
  program.stdout.resume()
  return result
}

/**
 * @param {import('./network.mjs').Network} network
 * @param {string} name
 * @param {string} link
 */
export function watch (network, name, link) {
  return network.start(name, PROGRAM, ['watch', link, '--json'])
}

/** @param {any} said */
export const plays = said => said.event === 'stats' && said.segments >= 8
/** @param {boolean} streamer */
export const getsFrom = streamer => (/** @type {any} */ said) => plays(said) &&
  said.by_peer.some((/** @type {Figures['by_peer'][0]} */ peer) => peer.streamer === streamer && peer.downloaded_bytes > 0)

/**
 * Has coturn listen at the public host's address, for STUN and, with more said, for TURN.
 * @param {import('./network.mjs').Network} network
 * @param {string} address
 * @param {string[]} more
 */
export async function startStun (network, address, more = []) {
  const server = network.start('public', 'turnserver', [
    '-n', '--listening-ip', address, '--relay-ip', address, '--listening-port', '3478', '--realm', 'test', '--no-cli',
    '--no-tls', '--no-dtls', '--log-file', 'stdout', '--simple-log', '--pidfile', 'turn.pid', ...more
  ])
  assert.ok(server.stdout)
  await once(server.stdout, 'data')
  server.stdout.resume()
}
