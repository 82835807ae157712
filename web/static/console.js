// What every page of the console has: `/` goes to the search, Escape leaves it; a menu that was
// unfolded folds again.
(function () {
  "use strict";
  var search = document.getElementById("search");
  function writes(element) {
    return element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);
  }
  var fold = document.querySelector(".nav .fold");
  document.addEventListener("click", function (event) {
    if (fold && !fold.contains(event.target)) fold.open = false;
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && fold && fold.open) {
      fold.open = false;
      fold.firstElementChild.focus();
    }
    if (!search || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && !writes(event.target)) {
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "Escape" && event.target === search) {
      search.blur();
    }
  });
  // letters written before htmx listened raised an event that nobody heard
  function ask() {
    if (search && search.value !== search.defaultValue) {
      search.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
  document.addEventListener("htmx:after:process", ask);
  ask();
})();
