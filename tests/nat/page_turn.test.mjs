// A hub whose page tells browsers of its TURN server, with passwords that end.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { PROGRAM } from '../browser/app.mjs'
import { CHROMIUM, openChromium } from '../browser/browsers.mjs'
import { measure, untilPlayed } from '../browser/watching.mjs'
import { Network, PUBLIC_HOST } from './network.mjs'
import { hear, SMALL, startStun } from './programs.mjs'

const SECRET = 'north-wind'

test('by the hub’s TURN server a browser gets the stream where two symmetric NATs let nobody send', async context => {
  const network = new Network(context)
  const folder = mkdtempSync(join(tmpdir(), 'lotnat-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const secret = join(folder, 'secret')
  writeFileSync(secret, `${SECRET}\n`)
  await startStun(network, PUBLIC_HOST, ['--use-auth-secret', '--static-auth-secret', SECRET])
  const hub = network.start('public', PROGRAM, ['hub', '--json', '--listen', `${PUBLIC_HOST}:8080`,
    '--stun', PUBLIC_HOST, '--turn', `turn:${PUBLIC_HOST}`, '--turn-secret', secret])
  assert.ok(await hear(hub, said => said.event === 'serving'), 'the hub is there')

  network.home('streamer', 'symmetric')
  const streamer = network.start('streamer', PROGRAM, [
    'broadcast', ...SMALL, '--hub', `http://${PUBLIC_HOST}:8080/`, '--stun', `${PUBLIC_HOST}:3478`
  ])
  const live = await hear(streamer, said => said.event === 'live')

  network.home('viewer', 'symmetric')
  const browser = await openChromium({ program: network.starter('viewer', CHROMIUM) })
  context.after(() => browser.close())
  const page = await browser.newPage()
  const response = await page.goto(live.link)
  const served = await response?.text() ?? ''
  assert.ok(served.includes(`turn:${PUBLIC_HOST}:3478`), 'the page names the server')
  assert.ok(!served.includes(SECRET), 'and not its secret')
  await untilPlayed(page, 4)
  const peers = (await measure(page))?.peers ?? []
  assert.equal(peers.filter(peer => peer.streamer).length, 1)
  await page.close()
})
