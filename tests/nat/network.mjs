// An internet of this machine's own: homes behind routers with NATs of several kinds, and a public host, each a network
// namespace with veth devices and nftables. Needs root. Nothing of it can be reached from outside, nor reaches it.
//
// The kinds are RFC 4787's: how a router maps a host's port, and from whom it lets packets in.

import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** For documentation (RFC 5737), so that no address of the real internet can be meant by mistake. */
const WAN = '198.51.100'
/** A router opens no ports at an address for documentation. This network is announced to nobody, and none of this gets out. */
export const ROUTABLE_WAN = '11.0.0'
/** Where the public host is. */
export const PUBLIC_HOST = `${WAN}.2`
/** The same for IPv6 (RFC 3849). Each home has a network of its own in it. */
const WAN6 = '2001:db8'
/** Where the public host is, for those that have IPv6. */
export const PUBLIC_HOST6 = `${WAN6}::2`
/** What most home routers do with IPv6: they translate nothing, and let in only what was asked for. */
const FIREWALL6 = `
table ip6 filter {
  chain forward {
    type filter hook forward priority filter; policy drop
    ct state established,related accept
    iifname != "wan" accept
    meta l4proto ipv6-icmp accept
  }
}
`
/** What `miniupnpd` writes its rules into. */
const OPENED = `
table inet miniupnpd {
  chain forward {
    type filter hook forward priority filter
    jump miniupnpd
  }
  chain miniupnpd { }
  chain prerouting {
    type nat hook prerouting priority dstnat
    jump prerouting_miniupnpd
  }
  chain prerouting_miniupnpd { }
  chain postrouting {
    type nat hook postrouting priority srcnat
    jump postrouting_miniupnpd
  }
  chain postrouting_miniupnpd { }
}
`

/**
 * - `open`: no router at all, a public address.
 * - `full cone`: one port for all destinations, and whoever sends there is let in.
 * - `port restricted`: one port for all destinations, and only those are let in to whom something was sent: most homes.
 * - `symmetric`: another port for each destination: many offices and mobile networks.
 * @typedef {'open' | 'full cone' | 'port restricted' | 'symmetric'} Nat
 */

/** @type {Record<Exclude<Nat, 'open'>, (home: string) => string>} */
const ROUTERS = {
  'full cone': home => router('masquerade', `iifname "wan" udp dport 1024-65535 dnat to ${home}`),
  'port restricted': () => router('masquerade', ''),
  symmetric: () => router('masquerade fully-random', '')
}

/**
 * Nothing that a stranger sends gets in, nor leaves a trace that would take a port.
 * @param {string} out how packets leave
 * @param {string} into what happens to those that come first from outside
 */
function router (out, into) {
  return `
table ip nat {
  chain prerouting {
    type nat hook prerouting priority dstnat
    ${into}
  }
  chain postrouting {
    type nat hook postrouting priority srcnat
    oifname "wan" ${out}
  }
}
table ip filter {
  chain input {
    type filter hook input priority filter; policy drop
    ct state established,related accept
    iifname != "wan" accept
  }
  chain forward {
    type filter hook forward priority filter; policy drop
    ct state established,related accept
    iifname != "wan" accept
    ct status dnat accept
  }
}
`
}

export class Network {
  #prefix = `lotnat${process.pid}`
  /** @type {(() => unknown)[]} */
  #ends = []
  #hosts = 0
  #knowsIpv6 = false
  #wan

  /**
   * @param {{ after: (end: () => unknown) => void }} context the test's: it all ends with it
   * @param {string} [wan] the first three numbers of all public addresses
   */
  constructor (context, wan = WAN) {
    this.#wan = wan
    context.after(() => this.#end())
    this.#namespace('net')
    this.#ip('net', 'link', 'add', 'br0', 'type', 'bridge')
    this.#up('net', 'br0', this.#elsewhere)
    this.#namespace('public')
    this.#plug('public', 'wan', `${wan}.2`)
  }

  /** Where everything goes that is nowhere: as in the real internet, nobody is told that there is no such address. */
  get #elsewhere () {
    return `${this.#wan}.1`
  }

  /**
   * A home, whose host is named like it.
   * @param {string} name a few letters
   * @param {Nat} nat
   * @returns {string} its address, as seen from outside
   */
  home (name, nat) {
    const number = ++this.#hosts
    const outside = `${this.#wan}.${10 + number}`
    this.#namespace(name)
    if (nat === 'open') {
      this.#plug(name, 'wan', outside)
      return outside
    }
    const router = `${name}-nat`
    this.#namespace(router)
    this.#plug(router, 'wan', outside)
    const [gateway, host] = [`10.${number}.0.1`, `10.${number}.0.2`]
    this.#ip(router, 'link', 'add', 'lan', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.#name(name))
    this.#up(router, 'lan', gateway)
    this.#up(name, 'eth0', host)
    this.#ip(name, 'route', 'add', 'default', 'via', gateway)
    this.#in(router, '', 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward')
    this.#in(router, ROUTERS[nat](host), 'nft', '-f', '-')
    return outside
  }

  /**
   * A host that has only IPv6.
   * @param {string} name
   * @param {'open' | 'firewall'} router none, or one that lets in only what was asked for
   * @returns {string} its address
   */
  home6 (name, router) {
    const number = ++this.#hosts
    this.#haveIpv6()
    const outside = `${WAN6}::${10 + number}`
    this.#namespace(name)
    if (router === 'open') {
      this.#plug6(name, outside)
      return outside
    }
    const gate = `${name}-nat`
    this.#namespace(gate)
    this.#plug6(gate, outside)
    const [gateway, host] = [`${WAN6}:${number}::1`, `${WAN6}:${number}::2`]
    this.#ip(gate, 'link', 'add', 'lan', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.#name(name))
    this.#up6(gate, 'lan', gateway)
    this.#up6(name, 'eth0', host)
    this.#ip(name, '-6', 'route', 'add', 'default', 'via', gateway)
    this.#forwards6(gate)
    this.#in(gate, FIREWALL6, 'nft', '-f', '-')
    this.#ip('net', '-6', 'route', 'add', `${WAN6}:${number}::/64`, 'via', outside)
    return host
  }

  /** In the middle, and at the public host. */
  #haveIpv6 () {
    if (this.#knowsIpv6) return
    this.#knowsIpv6 = true
    this.#up6('net', 'br0', `${WAN6}::1`)
    this.#forwards6('net')
    this.#up6('public', 'wan', PUBLIC_HOST6)
    this.#ip('public', '-6', 'route', 'add', 'default', 'via', `${WAN6}::1`)
  }

  /** @param {string} host */
  #forwards6 (host) {
    this.#in(host, '', 'sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding')
  }

  /**
   * @param {string} host
   * @param {string} address
   */
  #plug6 (host, address) {
    const port = `q${address.split('::').at(-1)}`
    this.#ip('net', 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'wan', 'netns', this.#name(host))
    this.#ip('net', 'link', 'set', port, 'master', 'br0', 'up')
    this.#up6(host, 'wan', address)
    this.#ip(host, '-6', 'route', 'add', 'default', 'via', `${WAN6}::1`)
  }

  /**
   * @param {string} host
   * @param {string} device
   * @param {string} address
   */
  #up6 (host, device, address) {
    // Nobody else has it: it is there at once.
    this.#ip(host, 'address', 'add', `${address}/64`, 'dev', device, 'nodad')
    this.#ip(host, 'link', 'set', device, 'up')
  }

  /**
   * Has a home's router open ports to whoever asks for it.
   * @param {string} name the home's
   * @param {'UPnP' | 'PCP'} protocol with PCP its predecessor NAT-PMP too
   * @param {'allow' | 'deny'} answer
   */
  async opensPorts (name, protocol, answer) {
    const router = `${name}-nat`
    this.#in(router, OPENED, 'nft', '-f', '-')
    const settings = join(this.#folder(), 'miniupnpd.conf')
    const yes = (/** @type {string} */ wanted) => protocol === wanted ? 'yes' : 'no'
    writeFileSync(settings, `
ext_ifname=wan
listening_ip=lan
ipv6_disable=yes
upnp_table_name=miniupnpd
upnp_nat_table_name=miniupnpd
enable_upnp=${yes('UPnP')}
enable_natpmp=${yes('PCP')}
uuid=803b8f6b-6002-46ea-956a-49201ba0adc1
${answer} 1024-65535 10.0.0.0/8 1024-65535
deny 0-65535 0.0.0.0/0 0-65535
`)
    const daemon = this.start(router, 'miniupnpd', ['-d', '-f', settings, '-P', `${settings}.pid`])
    assert.ok(daemon.stderr)
    for await (const line of createInterface({ input: daemon.stderr })) {
      if (/HTTP listening|Listening for NAT-PMP/.test(line)) break
    }
    daemon.stderr.resume()
    return daemon
  }

  /**
   * What a home's router passes on to its host, as nftables have it.
   * @param {string} name the home's
   */
  portsOpened (name) {
    const chain = ['list', 'chain', 'inet', 'miniupnpd', 'prerouting_miniupnpd']
    return execFileSync('ip', ['netns', 'exec', this.#name(`${name}-nat`), 'nft', ...chain], { encoding: 'utf8' })
      .split('\n').filter(line => line.includes('dnat'))
  }

  /**
   * Forgets it, as a router that is switched off.
   * @param {string} name the home's
   */
  forgetPorts (name) {
    this.#in(`${name}-nat`, '', 'nft', 'delete', 'table', 'inet', 'miniupnpd')
  }

  /**
   * Starts a program on a host; it is ended with the network.
   * @param {string} host
   * @param {string} program
   * @param {string[]} line
   */
  start (host, program, line) {
    const folder = this.#folder()
    const quiet = ['turnserver', 'miniupnpd'].includes(program)
    const child = spawn('ip', ['netns', 'exec', this.#name(host), program, ...line], {
      cwd: folder, env: { ...process.env, XDG_CONFIG_HOME: folder }, stdio: ['ignore', 'pipe', quiet ? 'pipe' : 'inherit']
    })
    const gone = new Promise(resolve => child.once('exit', resolve))
    if (quiet) child.stderr?.resume()
    this.#ends.push(async () => {
      child.kill('SIGKILL')
      await gone
    })
    return child
  }

  /**
   * Gives a host a firewall that lets strangers in at one UDP port only.
   * @param {string} host
   * @param {number} port
   */
  firewall (host, port) {
    this.#in(host, `
table ip filter {
  chain input {
    type filter hook input priority filter; policy drop
    ct state established,related accept
    iifname "lo" accept
    udp dport ${port} accept
  }
}
`, 'nft', '-f', '-')
  }

  /**
   * A program as a file to be started by others, which starts it on a host.
   * @param {string} host
   * @param {string} program
   */
  starter (host, program) {
    const file = join(this.#folder(), 'start')
    writeFileSync(file, `#!/bin/sh\nexec ip netns exec ${this.#name(host)} ${program} "$@"\n`, { mode: 0o755 })
    return file
  }

  #folder () {
    const folder = mkdtempSync(join(tmpdir(), 'lotnat-'))
    this.#ends.push(() => rmSync(folder, { recursive: true, force: true }))
    return folder
  }

  /** @param {string} name */
  #name (name) {
    return `${this.#prefix}-${name}`
  }

  /** @param {string} name */
  #namespace (name) {
    execFileSync('ip', ['netns', 'add', this.#name(name)])
    this.#ends.push(() => execFileSync('ip', ['netns', 'delete', this.#name(name)]))
    // A device's own IPv6 address would come a second or two after it (RFC 4862's look for duplicates), and a browser takes
    // that for another network: it breaks off whatever it is loading.
    this.#in(name, '', 'sh', '-c', 'for of in all default; do echo 0 > /proc/sys/net/ipv6/conf/$of/accept_dad; done')
    this.#ip(name, 'link', 'set', 'lo', 'up')
  }

  /**
   * Into the bridge that everybody's public side is at.
   * @param {string} host
   * @param {string} device
   * @param {string} address
   */
  #plug (host, device, address) {
    const port = `p${address.split('.').at(-1)}`
    this.#ip('net', 'link', 'add', port, 'type', 'veth', 'peer', 'name', device, 'netns', this.#name(host))
    this.#ip('net', 'link', 'set', port, 'master', 'br0', 'up')
    this.#up(host, device, address)
    this.#ip(host, 'route', 'add', 'default', 'via', this.#elsewhere)
  }

  /**
   * @param {string} host
   * @param {string} device
   * @param {string} address
   */
  #up (host, device, address) {
    this.#ip(host, 'address', 'add', `${address}/24`, 'dev', device)
    this.#ip(host, 'link', 'set', device, 'up')
  }

  /**
   * @param {string} host
   * @param {string[]} line
   */
  #ip (host, ...line) {
    execFileSync('ip', ['-n', this.#name(host), ...line])
  }

  /**
   * @param {string} host
   * @param {string} input
   * @param {string[]} line
   */
  #in (host, input, ...line) {
    execFileSync('ip', ['netns', 'exec', this.#name(host), ...line], { input })
  }

  async #end () {
    for (const end of this.#ends.reverse()) await end()
  }
}
