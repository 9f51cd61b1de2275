// Adds "Show password" to password fields that bring its words. Without this
// file the fields work as they are.
"use strict";

for (const input of document.querySelectorAll("input[type=password][data-show]")) {
	const button = document.createElement("button");
	const show = (yes) => {
		input.type = yes ? "text" : "password";
		button.textContent = yes ? input.dataset.hide : input.dataset.show;
	};
	button.type = "button";
	button.className = "quiet show";
	button.setAttribute("aria-controls", input.id);
	button.addEventListener("click", () => show(input.type === "password"));
	// Sent as a password in any case, or browsers would offer it as text typed before.
	input.form.addEventListener("submit", () => show(false));
	show(false);
	input.after(button);
}
