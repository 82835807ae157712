// Turns the drawn charts of a site into ones that answer the pointer; without it the drawings stay.
(function () {
  "use strict";
  if (!window.uPlot || !window.IntersectionObserver) return;
  var panel, drawn = [];
  var dot = document.documentElement.lang === "en" ? ":" : ".";
  var number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });
  var SCALE = { seconds: [1000, " ms"], ratio: [100, "%"], "bit/s": [1e-6, " Mbps"], celsius: [1, " °C"], dbm: [1, " dBm"] };

  function color(name) { return getComputedStyle(panel).getPropertyValue(name).trim(); }
  function written(unit, value) {
    var scale = SCALE[unit] || [1, ""];
    return value == null ? "-" : number.format(value * scale[0]) + scale[1];
  }
  function pad(n) { return (n < 10 ? "0" : "") + n; }
  function time(zone, at) {
    var parts = {};
    new Intl.DateTimeFormat("en-GB", { timeZone: zone, day: "numeric", month: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
      .formatToParts(new Date(at * 1000)).forEach(function (part) { parts[part.type] = part.value; });
    return parts.day + "/" + parts.month + " " + pad(+parts.hour) + dot + parts.minute;
  }
  function show(box, data) {
    var plot = box.querySelector(".plot"), svg = plot && plot.querySelector("svg");
    if (!svg || !data.times.length || !panel.contains(box)) return;
    var said = document.createElement("span");
    said.className = "at";
    box.querySelector(".reading").appendChild(said);
    var high = +box.dataset.high, low = +box.dataset.low;
    var over = document.createElement("div");
    over.className = "over";
    plot.insertBefore(over, svg);
    over.appendChild(svg);
    var chart = new window.uPlot({
      width: over.clientWidth, height: over.clientHeight, padding: [0, 0, 0, 0],
      legend: { show: false }, axes: [{ show: false }, { show: false }],
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7, fill: color("--accent") } },
      scales: { x: { time: false, range: [+panel.dataset.from, +panel.dataset.to] }, y: { range: [low, high] } },
      series: [{}, { stroke: color("--accent"), fill: color("--accent") + "1c", width: 1.5, points: { show: false } }],
      hooks: { setCursor: [function (u) {
        var at = u.cursor.idx;
        said.textContent = at == null ? "" : time(panel.dataset.zone, data.times[at]) + "  " + written(data.unit, data.values[at]);
      }] }
    }, [data.times, data.values], over);
    drawn.push(chart);
    over.classList.add("alive");
    new ResizeObserver(function () { chart.setSize({ width: over.clientWidth, height: over.clientHeight }); }).observe(over);
  }
  var seen = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      if (!entry.isIntersecting) return;
      seen.unobserve(entry.target);
      var box = entry.target;
      var ask = new URLSearchParams({ name: box.dataset.series, from: panel.dataset.from, to: panel.dataset.to });
      fetch(panel.dataset.url + "?" + ask, { credentials: "same-origin" }).then(function (answer) {
        if (!answer.ok) throw new Error("status " + answer.status);
        return answer.json();
      }).then(function (data) { show(box, data); }).catch(function () { /* the drawing stays */ });
    });
  });
  function start() {
    var found = document.getElementById("charts");
    if (!found || found === panel) return;
    panel = found;
    seen.disconnect();
    drawn.forEach(function (chart) { chart.destroy(); });
    drawn = [];
    panel.querySelectorAll("[data-series]").forEach(function (box) { seen.observe(box); });
  }
  document.addEventListener("swapped", start);
  start();
})();
