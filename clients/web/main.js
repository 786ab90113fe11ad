/** The page's entry: opens the app. */

import { App } from "./app/app.js";

new App().open();
