#!/usr/bin/env node
// In the repository, so that `npm ci` can link the command before anything is built.
import '../dist/cli/main.js';
