// Keeps a page true: on news from /live it fetches the page again and swaps the parts that changed.
(function () {
  "use strict";
  var root = document.querySelector("[data-live]");
  if (!root || !window.fetch || !window.DOMParser) return;
  var fresh = document.getElementById("fresh");
  var last = "", waiting = 0, busy = false, held = false, took = 0;
  var fetchedAt = Date.now() - 3000, heardAt = Date.now();
  // ages and numbers grow old even where no state changes
  var AGAIN_MS = 1000 * (root.getAttribute("data-again") || 60);
  var SPACING_MS = 900, MOST_MS = 10000, LOST_MS = 15000, RETRY_MS = 5000;

  function say(kind) {
    if (!fresh) return;
    fresh.classList.toggle("late", kind !== "live");
    fresh.lastElementChild.textContent = fresh.getAttribute("data-" + kind + "-text").replace("{time}", last || "-");
  }
  function hear() {
    heardAt = Date.now();
    document.dispatchEvent(new Event("heard"));
  }
  // News is shown at once, a flood in steps, a slow centre is asked less, not all screens together.
  function refresh() {
    if (waiting) return;
    var due = Math.max(0, fetchedAt + Math.min(MOST_MS, Math.max(SPACING_MS, 10 * took)) - Date.now()) + Math.random() * 300;
    waiting = setTimeout(load, due);
  }
  function load() {
    waiting = 0;
    if (busy || held || document.hidden) { waiting = setTimeout(load, 500); return; }
    busy = true;
    fetchedAt = Date.now();
    fetch(location.href, { credentials: "same-origin" }).then(function (answer) {
      // signed out, revoked or gone: the page itself says which
      if (answer.redirected || [401, 403, 404].indexOf(answer.status) >= 0) { location.reload(); throw new Error("gone"); }
      if (!answer.ok) throw new Error("status " + answer.status);
      return answer.text();
    }).then(function (text) {
      took = Date.now() - fetchedAt;
      swap(text);
      hear();
    }).catch(function () { say("lost"); }).then(function () { busy = false; });
  }
  function swap(text) {
    var page = new DOMParser().parseFromString(text, "text/html");
    var focused = document.activeElement && document.activeElement.getAttribute("href");
    document.querySelectorAll("[data-part]").forEach(function (old) {
      var now = page.getElementById(old.id);
      if (!now || same(now, old) || old.matches("[data-calm]:hover")) return;
      // what somebody writes in, or stands on with the keyboard, is not taken away
      if (old.contains(document.activeElement) && document.activeElement.matches("input, select, textarea, button")) return;
      mark(old, now);
      now = document.adoptNode(now);
      old.replaceWith(now);
      if (window.htmx) window.htmx.process(now);
    });
    var theirs = page.querySelector("[data-live]");
    if (theirs) {
      root.setAttribute("data-rev", theirs.getAttribute("data-rev"));
      if (!root.hasAttribute("data-part")) root.classList.toggle("stale", theirs.classList.contains("stale"));
    }
    document.dispatchEvent(new Event("swapped"));
    if (focused) {
      document.querySelectorAll("a[href]").forEach(function (link) {
        if (link.getAttribute("href") === focused && document.activeElement === document.body) link.focus({ preventScroll: true });
      });
    }
  }
  // tokens of forms differ each time and are no news
  function same(now, old) {
    var plain = old.cloneNode(true), other = now.cloneNode(true);
    [plain, other].forEach(function (each) {
      each.querySelectorAll("[name=form_token]").forEach(function (field) { field.remove(); });
      each.querySelectorAll(".is-new").forEach(function (row) {
        row.classList.remove("is-new");
        if (!row.className) row.removeAttribute("class");
      });
    });
    return plain.isEqualNode(other);
  }
  function mark(old, now) {
    var was = {};
    old.querySelectorAll("[data-key]").forEach(function (row) { was[row.dataset.key] = row.dataset.is; });
    now.querySelectorAll("[data-key]").forEach(function (row) {
      if (row.dataset.is !== was[row.dataset.key]) row.classList.add("is-new");
    });
  }
  document.addEventListener("pointerdown", function () { held = true; });
  ["pointerup", "pointercancel"].forEach(function (name) {
    document.addEventListener(name, function () { held = false; });
  });
  document.addEventListener("visibilitychange", function () { if (!document.hidden) refresh(); });

  function listen() {
    var source = new EventSource(root.getAttribute("data-live"));
    source.addEventListener("hello", function (event) {
      hear();
      if (JSON.parse(event.data).rev !== root.getAttribute("data-rev")) refresh();
    });
    source.addEventListener("changed", function () { hear(); refresh(); });
    source.addEventListener("tick", function (event) {
      var tick = JSON.parse(event.data);
      hear();
      last = document.documentElement.lang === "en" ? tick.time.replace(/\./g, ":") : tick.time;
      say(tick.late ? "late" : "live");
    });
    source.onerror = function () {
      // the browser tries again by itself unless it was refused: the page itself says why
      if (source.readyState !== 2) return;
      refresh();
      setTimeout(listen, RETRY_MS * (1 + Math.random()));
    };
  }
  setInterval(function () {
    if (Date.now() - heardAt > LOST_MS) say("lost");
    if (Date.now() - fetchedAt > AGAIN_MS + Math.random() * 1000) refresh();
  }, 1000);
  if (window.EventSource) listen();
})();
