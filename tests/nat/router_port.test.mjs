// The streamer's own page, opened by viewers elsewhere through a port that its router opens: the router is a real
// `miniupnpd`.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PROGRAM } from '../browser/app.mjs'
import { Network, ROUTABLE_WAN } from './network.mjs'
import { getsFrom, hear, SMALL, watch } from './programs.mjs'

/** A renewal each minute, and time to notice. */
const RENEWED_MS = 100_000

/**
 * @param {Network} network
 * @param {string[]} more
 */
function broadcast (network, more = []) {
  return network.start('streamer', PROGRAM, ['broadcast', ...SMALL, '--map-port', '--no-stun', ...more])
}

/**
 * @param {Network} network
 * @param {string} host
 * @param {string} url
 */
async function fetched (network, host, url) {
  const script = `fetch(${JSON.stringify(url)}).then(answer => console.log(answer.status), () => console.log('unreachable'))`
  const program = network.start(host, process.execPath, ['-e', script])
  assert.ok(program.stdout)
  const [said] = await once(program.stdout, 'data')
  return String(said).trim()
}

for (const protocol of /** @type {const} */ (['UPnP', 'PCP'])) {
  test(`by ${protocol} the router lets viewers in while it is live, and not after`, async context => {
    const network = new Network(context, ROUTABLE_WAN)
    const outside = network.home('streamer', 'port restricted')
    await network.opensPorts('streamer', protocol, 'allow')
    const streamer = broadcast(network)
    const live = await hear(streamer, said => said.event === 'live')
    const page = new URL(live.link)
    assert.equal(page.hostname, outside)
    const stats = await hear(streamer, said => said.event === 'stats')
    const [tcp, udp] = stats.router_ports
    assert.deepEqual(tcp, { state: 'open', transport: 'tcp', outside: page.host, by: protocol })
    assert.equal(udp.transport, 'udp')
    assert.equal(new URL(`udp://${udp.outside}`).hostname, outside)
    assert.equal(network.portsOpened('streamer').length, 2)

    assert.equal(await fetched(network, 'public', page.origin), '200')
    // Whoever is let in needs no hole to be punched, and nobody's help.
    network.home('viewer', 'symmetric')
    assert.ok(await hear(watch(network, 'viewer', live.link), getsFrom(true)))

    streamer.kill('SIGINT')
    await once(streamer, 'exit')
    assert.deepEqual(network.portsOpened('streamer'), [])
  })
}

test('viewers of a hub’s page reach the streamer by the port that its router opened for the stream', async context => {
  const network = new Network(context, ROUTABLE_WAN)
  network.home('streamer', 'symmetric')
  await network.opensPorts('streamer', 'UPnP', 'allow')
  const page = `http://${ROUTABLE_WAN}.2:8080/`
  const hub = network.start('public', PROGRAM, ['hub', '--json', '--listen', new URL(page).host])
  assert.ok(await hear(hub, said => said.event === 'serving'), 'the hub is there')
  const live = await hear(broadcast(network, ['--hub', page]), said => said.event === 'live')
  assert.ok(live.link.startsWith(page), live.link)
  assert.equal(network.portsOpened('streamer').length, 1)
  network.home('viewer', 'symmetric')
  assert.ok(await hear(watch(network, 'viewer', live.link), getsFrom(true)))
})

test('a router that was switched off is asked again', async context => {
  const network = new Network(context, ROUTABLE_WAN)
  network.home('streamer', 'port restricted')
  const router = await network.opensPorts('streamer', 'PCP', 'allow')
  const streamer = broadcast(network)
  const live = await hear(streamer, said => said.event === 'live')
  router.kill('SIGKILL')
  network.forgetPorts('streamer')
  await network.opensPorts('streamer', 'PCP', 'allow')
  assert.deepEqual(network.portsOpened('streamer'), [])
  const until = Date.now() + RENEWED_MS
  while (network.portsOpened('streamer').length === 0 && Date.now() < until) await sleep(1000)
  assert.equal(await fetched(network, 'public', new URL(live.link).origin), '200')
})

for (const [router, answer, words] of /** @type {const} */ ([
  ['says nothing', undefined, 'answers neither UPnP nor NAT-PMP; allow one of them in its settings'],
  ['says no', 'deny', 'does not open it']
])) {
  test(`a router that ${router} is told of, and the link is for this network`, async context => {
    const network = new Network(context, ROUTABLE_WAN)
    network.home('streamer', 'port restricted')
    if (answer) await network.opensPorts('streamer', 'UPnP', answer)
    let link = ''
    const hint = await hear(broadcast(network), said => {
      if (said.event === 'live') ({ link } = said)
      return said.event === 'hint' && said.text.includes('on your router')
    })
    assert.ok(hint.text.includes(words), hint.text)
    assert.match(link, /^http:\/\/10\./)
  })
}
