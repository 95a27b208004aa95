// The load of the six runs, written anew from what their summaries, byte counts and log lines show.
//
//     k6 run -e API=seats examples/report/load-test.js
//     sonagi explain examples/report/load-test.md --script examples/report/load-test.js
import http from 'k6/http';
import { check, sleep } from 'k6';
import { Trend } from 'k6/metrics';

const BASE = 'http://localhost:80';
const CONCERTS = 2000;
const SCHEDULES = 9999;
const CUSTOMERS = 1000;

export const options = {
  scenarios: {
    concert_scenario: {
      executor: 'per-vu-iterations',
      vus: 100,
      iterations: 1000,
      exec: __ENV.API || 'concerts',
    },
  },
  thresholds: {
    http_req_duration: ['p(95)<500'],
    http_req_failed: ['rate<0.01'],
  },
};

// A rate in a metric that k6 shows as a time, as in the report.
const tps = new Trend('tps', true);
const waiting = new Trend('waiting_time', true);
const began = Date.now();
let requests = 0;

export function concerts() {
  count(http.get(`${BASE}/concerts/`));
  sleep(1);
}

export function schedules() {
  const concertId = Math.floor(Math.random() * CONCERTS) + 1;
  count(http.get(`${BASE}/concerts/${concertId}/schedules`));
  sleep(1);
}

export function seats() {
  const concertId = Math.floor(Math.random() * CONCERTS) + 1;
  const scheduleId = Math.floor(Math.random() * SCHEDULES) + 1;
  count(http.get(`${BASE}/concerts/${concertId}/schedules/${scheduleId}/seats`));
  sleep(1);
}

export function tokens() {
  const customerId = Math.floor(Math.random() * CUSTOMERS) + 1;
  const body = JSON.stringify({ customerId: customerId });
  count(http.post(`${BASE}/queues/issue`, body, { headers: { 'Content-Type': 'application/json' } }));
  sleep(1);
}

function count(response) {
  requests += 1;
  tps.add(requests / ((Date.now() - began) / 1000));
  waiting.add(response.timings.waiting);
  check(response, { 'status is 200': (r) => r.status === 200 });
}
