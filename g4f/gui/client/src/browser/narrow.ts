/** Whether the page is too narrow for two columns, as the styles have it. */
import { MediaQuery } from "svelte/reactivity";

export const narrow = new MediaQuery("(max-width: 52rem)");
