// Streamer and viewers that have IPv6 and nothing else.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PROGRAM } from '../browser/app.mjs'
import { Network, PUBLIC_HOST6 } from './network.mjs'
import { getsFrom, hear, SMALL, watch } from './programs.mjs'

test('with IPv6 only, a viewer opens the streamer’s own link and gets the stream', async context => {
  const network = new Network(context)
  const address = network.home6('streamer', 'open')
  const streamer = network.start('streamer', PROGRAM, ['broadcast', ...SMALL])
  const live = await hear(streamer, said => said.event === 'live')
  assert.equal(new URL(live.link).hostname, `[${address}]`)
  network.home6('viewer', 'open')
  assert.ok(await hear(watch(network, 'viewer', live.link), getsFrom(true)))
})

test('with IPv6 only, firewalls on both sides keep nobody from the stream, and no STUN server is asked', async context => {
  const network = new Network(context)
  network.home6('streamer', 'firewall')
  network.home6('viewer', 'firewall')
  const page = `http://[${PUBLIC_HOST6}]:8080/`
  const hub = network.start('public', PROGRAM, ['hub', '--json', '--listen', new URL(page).host])
  assert.ok(await hear(hub, said => said.event === 'serving'), 'the hub is there')
  const streamer = network.start('streamer', PROGRAM, ['broadcast', ...SMALL, '--hub', page, '--no-stun'])
  const live = await hear(streamer, said => said.event === 'live')
  assert.ok(live.link.startsWith(page), live.link)
  assert.ok(await hear(watch(network, 'viewer', live.link), getsFrom(true)))
})
