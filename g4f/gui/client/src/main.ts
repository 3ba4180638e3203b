import "./styles/base.css";

import { mount } from "svelte";

import Root from "./App.svelte";
import { App } from "./state";
import { Words } from "./state/words.svelte";

const target = document.getElementById("app");
if (target) mount(Root, { target, props: { app: new App(await Words.open()) } });
