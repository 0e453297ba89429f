// A broadcast of which viewers know one tracker only, and a page that comes from among files.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { App, PROGRAM, SMALL_PICTURE } from './app.mjs'
import { hostFiles } from './file-host.mjs'
import { until, untilPlayed } from './watching.mjs'

/**
 * Where a page's sockets and requests go.
 * @param {import('./browsers.mjs').Page} page
 */
export function listen (page) {
  /** @type {Set<string>} */
  const hosts = new Set()
  page.on('request', request => { if (request.url().startsWith('http')) hosts.add(new URL(request.url()).host) })
  page.on('websocket', socket => hosts.add(new URL(socket.url()).host))
  return hosts
}

/**
 * Two viewers play, and find each other, by this tracker; their browser talks to nobody else.
 * @param {{ after: (end: () => unknown) => void }} context the test's
 * @param {{ newPage: () => Promise<import('./browsers.mjs').Page> }} browser
 * @param {import('./app.mjs').Channel} channel
 * @param {string} tracker
 */
export async function playBy (context, browser, channel, tracker) {
  const folder = join(channel.folder, 'page')
  execFileSync(PROGRAM, ['export-page', folder])
  const files = await hostFiles(context, folder, '/some/where/')
  const app = await App.live(context, channel, { ...SMALL_PICTURE, details: ['--page', files.url, '--tracker', tracker] })
  assert.ok(app.link.startsWith(`${files.url}#`), app.link)
  const page = await browser.newPage()
  const hosts = listen(page)
  /** @type {string[]} */
  const errors = []
  page.on('pageerror', error => errors.push(error.message))
  page.on('console', message => { if (message.type() === 'error') errors.push(message.text()) })
  await page.goto(app.link)
  await untilPlayed(page, 8)
  assert.deepEqual([...hosts].sort(), [new URL(files.url).host, new URL(tracker).host].sort())
  assert.deepEqual(files.missed, [])
  assert.deepEqual(errors, [])
  // A second viewer finds the first by the same tracker.
  const second = await browser.newPage()
  await second.goto(app.link)
  await untilPlayed(second, 4)
  await until(second, 'another viewer', measured => measured.peers.length >= 2)
  await page.close()
  await second.close()
  await app.stop()
}
