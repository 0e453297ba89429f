// Who reaches whom, with streamer and viewers behind routers and the hub outside: the real program on hosts of its own.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PROGRAM } from '../browser/app.mjs'
import { Network, PUBLIC_HOST } from './network.mjs'
import { getsFrom, hear, NO_PATH_MS, PATIENCE_MS, plays, SMALL, startStun, watch } from './programs.mjs'

const STUN = `${PUBLIC_HOST}:3478`
const [TURN_USER, TURN_PASSWORD] = ['ada', 'sesame']
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
  await startStun(network, PUBLIC_HOST, [
    '--lt-cred-mech', '--user', `${TURN_USER}:${TURN_PASSWORD}`, '--userdb', 'turn.db'
  ])
  network.home('streamer', nat)
  const streamer = network.start('streamer', PROGRAM, [
    'broadcast', ...SMALL, '--hub', `http://${PUBLIC_HOST}:8080/`, ...paths
  ])
  const live = await hear(streamer, said => said.event === 'live')
  return { network, link: /** @type {string} */ (live.link) }
}

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
