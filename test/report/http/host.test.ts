import { expect, test } from 'vitest'
import { isOurHost } from '../../../src/report/http/host.ts'

const NAMES = ['Router.example.org']

test.each([
  '127.0.0.1',
  '127.0.0.1:9464',
  '203.0.113.2:80',
  '[::1]',
  '[::1]:9464',
  '[2001:DB8::1]:1',
  '[::ffff:127.0.0.1]',
  '[fe80::1%25eth0]:9464',
  'localhost',
  'LOCALHOST.:9464',
  'router.example.org',
  'ROUTER.EXAMPLE.ORG.:9464',
])('%j is ours', (authority) => {
  expect(isOurHost(authority, NAMES)).toBe(true)
})

test.each([
  '',
  ':9464',
  'evil.example',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  'router.example.org.evil.example',
  'xrouter.example.org',
  'user@127.0.0.1',
  'evil.example:9464',
  '[evil.example]',
  '[::1].evil.example',
  '127.0.0.1:x',
  '2130706433',
  '127.1',
  '0x7f.0.0.1',
  '::1',
  '[]',
  '127.0.0.1 evil.example',
])('%j is not', (authority) => {
  expect(isOurHost(authority, NAMES)).toBe(false)
})
