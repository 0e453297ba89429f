// A browser that asks its user before a page of the internet may reach the local network, for WebRTC too.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PROGRAM } from '../browser/app.mjs'
import { CHROMIUM, openChromium } from '../browser/browsers.mjs'
import { untilPlayed } from '../browser/watching.mjs'
import { Network, PUBLIC_HOST } from './network.mjs'
import { hear, SMALL, startStun } from './programs.mjs'

const HUB = `http://${PUBLIC_HOST}:8080/`
/** The browser's own answer for a person who is not there. */
const ANSWER_MS = 20_000

test('the page says why before the browser asks for the local network, and plays when it is refused', async context => {
  const network = new Network(context)
  await startStun(network, PUBLIC_HOST)
  const hub = network.start('public', PROGRAM, ['hub', '--json', '--listen', new URL(HUB).host])
  assert.ok(await hear(hub, said => said.event === 'serving'), 'the hub is there')
  network.home('streamer', 'port restricted')
  const streamer = network.start('streamer', PROGRAM, ['broadcast', ...SMALL, '--hub', HUB, '--stun', `${PUBLIC_HOST}:3478`])
  const live = await hear(streamer, said => said.event === 'live')

  network.home('viewer', 'port restricted')
  const browser = await openChromium({
    program: network.starter('viewer', CHROMIUM),
    // As with TLS; and what is being introduced to people step by step.
    more: [`--unsafely-treat-insecure-origin-as-secure=${new URL(HUB).origin}`, '--enable-features=LocalNetworkAccessChecksWebRTC']
  })
  context.after(() => browser.close())
  const page = await browser.newPage()
  await page.addInitScript(() => {
    const said = /** @type {any} */ (window).said = /** @type {{ text: string, state: string }[]} */ ([])
    const permission = navigator.permissions.query({ name: /** @type {PermissionName} */ ('local-network') })
    new MutationObserver(async () => {
      const text = document.querySelector('#notice-text')?.textContent ?? ''
      if (text !== '') said.push({ text, state: (await permission).state })
    }).observe(document, { childList: true, subtree: true, characterData: true })
  })
  await page.goto(live.link)
  await untilPlayed(page, 4)
  const said = await page.evaluate(() => /** @type {any} */ (window).said)
  const first = said.find((/** @type {{ text: string }} */ { text }) => text.includes('devices on your network'))
  assert.equal(first?.state, 'prompt', 'it was said while nobody had been asked')

  // The browser did ask, and nobody said yes.
  const until = Date.now() + ANSWER_MS
  /** @returns {Promise<string>} */
  const state = () => page.evaluate(async () =>
    (await navigator.permissions.query({ name: /** @type {PermissionName} */ ('local-network') })).state)
  while (await state() !== 'denied' && Date.now() < until) await sleep(200)
  assert.equal(await state(), 'denied')
  await untilPlayed(page, 8)
  await page.close()
})
