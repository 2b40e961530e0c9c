import { startCpuClock } from '@causeway/testing';
import { describe, expect, it } from 'vitest';
import { cleanToolName, toolName } from './tool-name.js';

describe('toolName', () => {
  it.each([
    ['evaluate_expression', 'CalculatorComponent', true, 'evaluate_expression'],
    ['run', 'HTTPClient', true, 'http_client'],
    ['build_output', 'S3Bucket', true, 's3_bucket'],
    ['process', 'MyXMLParser', true, 'my_xml_parser'],
    ['process', 'MyXMLParser', false, 'process'],
    ['do it!', 'X', true, 'do-it-'],
  ])('of %s of %s, only output %s, is %s', (method, type, isOnly, expected) => {
    expect(toolName(method, type, isOnly)).toBe(expected);
  });
});

it('a name of capitals is converted in linear time', () => {
  const cpuMs = startCpuClock();
  expect(toolName('run', 'A'.repeat(300_000), true)).toBe('a'.repeat(64));
  expect(cpuMs()).toBeLessThan(5_000);
});

describe('cleanToolName', () => {
  it('keeps 64 characters at most', () => {
    expect(cleanToolName('é'.repeat(100))).toBe('-'.repeat(64));
  });
});
