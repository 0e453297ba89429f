// An internet of this machine's own: homes behind routers with NATs of several kinds, and a public host, each a network
// namespace with veth devices and nftables. Needs root. Nothing of it can be reached from outside, nor reaches it.
//
// The kinds are RFC 4787's: how a router maps a host's port, and from whom it lets packets in.

import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** For documentation (RFC 5737), so that no address of the real internet can be meant by mistake. */
const WAN = '198.51.100'
/** Where everything goes that is nowhere: as in the real internet, nobody is told that there is no such address. */
const ELSEWHERE = `${WAN}.1`
/** Where the public host is. */
export const PUBLIC_HOST = `${WAN}.2`

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

  /** @param {{ after: (end: () => unknown) => void }} context the test's: it all ends with it */
  constructor (context) {
    context.after(() => this.#end())
    this.#namespace('net')
    this.#ip('net', 'link', 'add', 'br0', 'type', 'bridge')
    this.#up('net', 'br0', ELSEWHERE)
    this.#namespace('public')
    this.#plug('public', 'wan', PUBLIC_HOST)
  }

  /**
   * A home, whose host is named like it.
   * @param {string} name a few letters
   * @param {Nat} nat
   */
  home (name, nat) {
    const number = ++this.#hosts
    const outside = `${WAN}.${10 + number}`
    this.#namespace(name)
    if (nat === 'open') {
      this.#plug(name, 'wan', outside)
      return
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
  }

  /**
   * Starts a program on a host; it is ended with the network.
   * @param {string} host
   * @param {string} program
   * @param {string[]} line
   */
  start (host, program, line) {
    const folder = mkdtempSync(join(tmpdir(), 'lotnat-'))
    const child = spawn('ip', ['netns', 'exec', this.#name(host), program, ...line], {
      cwd: folder, env: { ...process.env, XDG_CONFIG_HOME: folder }, stdio: ['ignore', 'pipe', program === 'turnserver' ? 'ignore' : 'inherit']
    })
    const gone = new Promise(resolve => child.once('exit', resolve))
    this.#ends.push(async () => {
      child.kill('SIGKILL')
      await gone
      rmSync(folder, { recursive: true, force: true })
    })
    return child
  }

  /** @param {string} name */
  #name (name) {
    return `${this.#prefix}-${name}`
  }

  /** @param {string} name */
  #namespace (name) {
    execFileSync('ip', ['netns', 'add', this.#name(name)])
    this.#ends.push(() => execFileSync('ip', ['netns', 'delete', this.#name(name)]))
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
    this.#ip(host, 'route', 'add', 'default', 'via', ELSEWHERE)
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
