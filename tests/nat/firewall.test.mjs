// A firewall that lets strangers in at one UDP port, which all viewers share.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PROGRAM } from '../browser/app.mjs'
import { Network, PUBLIC_HOST } from './network.mjs'
import { getsFrom, hear, NO_PATH_MS, SMALL, watch } from './programs.mjs'

const PORT = 50_000

/**
 * A streamer behind such a firewall, and a hub outside.
 * @param {{ after: (end: () => unknown) => void }} context
 * @param {string[]} told
 */
async function broadcast (context, told) {
  const network = new Network(context)
  const page = `http://${PUBLIC_HOST}:8080/`
  const hub = network.start('public', PROGRAM, ['hub', '--json', '--listen', new URL(page).host])
  assert.ok(await hear(hub, said => said.event === 'serving'), 'the hub is there')
  network.home('streamer', 'open')
  network.firewall('streamer', PORT)
  const streamer = network.start('streamer', PROGRAM, ['broadcast', ...SMALL, '--hub', page, '--no-stun', ...told])
  const live = await hear(streamer, said => said.event === 'live')
  return { network, link: /** @type {string} */ (live.link) }
}

test('through one open UDP port any number of viewers get the stream from the streamer', async context => {
  const { network, link } = await broadcast(context, ['--udp-ports', String(PORT)])
  for (const name of ['one', 'two', 'three']) {
    network.home(name, 'symmetric')
    assert.ok(await hear(watch(network, name, link), getsFrom(true)), name)
  }
})

test('without that port told, nobody gets through', async context => {
  const { network, link } = await broadcast(context, [])
  network.home('viewer', 'symmetric')
  assert.equal(await hear(watch(network, 'viewer', link), getsFrom(true), NO_PATH_MS), undefined)
})
