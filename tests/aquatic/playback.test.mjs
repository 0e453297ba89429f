// A stream that is found by `aquatic_ws` alone. Building that takes some minutes (`cargo install aquatic_ws`), so this is no part
// of every run: `npm run aquatic`.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Channel } from '../browser/app.mjs'
import { openChromium } from '../browser/browsers.mjs'
import { playBy } from '../browser/one_tracker.mjs'

/** Where `cargo install` puts it, or another. */
const AQUATIC = process.env.AQUATIC_WS ?? 'aquatic_ws'
/** For what takes a moment. */
const PATIENCE_MS = 20_000

const channel = new Channel()
/** @type {Awaited<ReturnType<typeof openChromium>>} */
let browser
before(async () => { browser = await openChromium() })
after(async () => {
  await browser?.close()
  channel.remove()
})

/** It takes no port of the system's choice. */
async function freePort () {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  server.close()
  await once(server, 'close')
  return port
}

/** @param {{ after: (end: () => unknown) => void }} context */
async function aquatic (context) {
  const address = `127.0.0.1:${await freePort()}`
  const settings = join(channel.folder, 'aquatic.toml')
  writeFileSync(settings, `[network]\naddress = "${address}"\nenable_http_health_checks = true\n`)
  const tracker = spawn(AQUATIC, ['-c', settings], { stdio: ['ignore', 'inherit', 'inherit'] })
  context.after(() => tracker.kill('SIGKILL'))
  await once(tracker, 'spawn')
  const until = Date.now() + PATIENCE_MS
  while (!(await fetch(`http://${address}/health`).catch(() => undefined))?.ok) {
    if (Date.now() > until) throw new Error('aquatic_ws does not start')
    await sleep(100)
  }
  return `ws://${address}/`
}

test('viewers play, and find each other, by aquatic_ws alone', async context => {
  await playBy(context, browser, channel, await aquatic(context))
})
