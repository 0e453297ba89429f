// Who reaches whom, with streamer and viewers behind routers and the hub outside: the real program on hosts of its own.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PROGRAM } from '../browser/app.mjs'
import { Network, PUBLIC_HOST } from './network.mjs'

const STUN = `${PUBLIC_HOST}:3478`
const [TURN_USER, TURN_PASSWORD] = ['ada', 'sesame']
/** For what takes two seconds on an idle machine. */
const PATIENCE_MS = 40_000
/** A path that there is has been found by then: ICE gives up after 15 s. */
const NO_PATH_MS = 20_000
const SMALL = ['--source', 'test', '--resolution', '320x180', '--fps', '10', '--bitrate', '200k', '--json']

/** @typedef {{ status: string, segments: number, by_peer: { streamer: boolean, downloaded_bytes: number }[] }} Figures */

/**
 * @param {import('node:child_process').ChildProcess} program
 * @param {(said: any) => boolean} wanted
 * @param {number} patience
 * @returns {Promise<any>} what it said; undefined when it has not in time
 */
async function hear (program, wanted, patience = PATIENCE_MS) {
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
 * The public host with its hub, STUN and TURN, and a streamer at home.
 * @param {{ after: (end: () => unknown) => void }} context
 * @param {import('./network.mjs').Nat} nat the streamer's
 * @param {string[]} paths what the streamer is told of STUN and TURN
 */
async function broadcast (context, nat, paths) {
  const network = new Network(context)
  const hub = network.start('public', PROGRAM, ['hub', '--json', '--listen', `${PUBLIC_HOST}:8080`])
  assert.ok(await hear(hub, said => said.event === 'serving'), 'the hub is there')
  const turn = network.start('public', 'turnserver', [
    '-n', '--listening-ip', PUBLIC_HOST, '--relay-ip', PUBLIC_HOST, '--listening-port', '3478', '--lt-cred-mech',
    '--user', `${TURN_USER}:${TURN_PASSWORD}`, '--realm', 'test', '--no-cli', '--no-tls', '--no-dtls',
    '--log-file', 'stdout', '--simple-log', '--pidfile', 'turn.pid', '--userdb', 'turn.db'
  ])
  await once(/** @type {import('node:stream').Readable} */ (turn.stdout), 'data')
  turn.stdout?.resume()
  network.home('streamer', nat)
  const streamer = network.start('streamer', PROGRAM, [
    'broadcast', ...SMALL, '--hub', `http://${PUBLIC_HOST}:8080/`, ...paths
  ])
  const live = await hear(streamer, said => said.event === 'live')
  return { network, link: /** @type {string} */ (live.link) }
}

/**
 * @param {Network} network
 * @param {string} name
 * @param {string} link
 */
function watch (network, name, link) {
  return network.start(name, PROGRAM, ['watch', link, '--json'])
}

/** @param {any} said */
const plays = said => said.event === 'stats' && said.segments >= 8
/** @param {boolean} streamer */
const getsFrom = streamer => (/** @type {any} */ said) => plays(said) &&
  said.by_peer.some((/** @type {Figures['by_peer'][0]} */ peer) => peer.streamer === streamer && peer.downloaded_bytes > 0)

/** @type {[import('./network.mjs').Nat, import('./network.mjs').Nat, boolean][]} */
const DIRECT = [
  ['port restricted', 'port restricted', true],
  ['full cone', 'symmetric', true],
  ['symmetric', 'full cone', true],
  ['symmetric', 'open', true],
  ['port restricted', 'symmetric', false],
  ['symmetric', 'symmetric', false]
]

/** @param {import('./network.mjs').Nat} nat */
const behind = nat => nat === 'open' ? 'behind no router' : `behind a ${nat} NAT`

for (const [streamer, viewer, reaches] of DIRECT) {
  test(`a viewer ${behind(viewer)} ${reaches ? 'gets the stream' : 'gets nothing'} directly from a streamer ${behind(streamer)}`, async context => {
    const { network, link } = await broadcast(context, streamer, ['--stun', STUN])
    network.home('viewer', viewer)
    const program = watch(network, 'viewer', link)
    const got = await hear(program, getsFrom(true), reaches ? PATIENCE_MS : NO_PATH_MS)
    assert.equal(got !== undefined, reaches)
  })
}

test('behind a router nobody is found who asks no STUN server', async context => {
  const { network, link } = await broadcast(context, 'port restricted', ['--no-stun'])
  network.home('viewer', 'port restricted')
  const program = watch(network, 'viewer', link)
  assert.equal(await hear(program, plays, NO_PATH_MS), undefined)
})

test('the streamer’s TURN server carries what two symmetric NATs let nobody send', async context => {
  const { network, link } = await broadcast(context, 'symmetric', [
    '--stun', STUN, '--turn', `turn:${STUN}`, '--turn-user', TURN_USER, '--turn-password', TURN_PASSWORD
  ])
  assert.ok(!link.includes(TURN_PASSWORD))
  network.home('viewer', 'symmetric')
  assert.ok(await hear(watch(network, 'viewer', link), getsFrom(true)))
})

test('a viewer whom the streamer cannot reach gets the stream from another viewer', async context => {
  const { network, link } = await broadcast(context, 'symmetric', ['--stun', STUN])
  network.home('helper', 'open')
  assert.ok(await hear(watch(network, 'helper', link), getsFrom(true)))
  network.home('viewer', 'symmetric')
  assert.ok(await hear(watch(network, 'viewer', link), getsFrom(false)))
})
