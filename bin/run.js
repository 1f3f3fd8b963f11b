#!/usr/bin/env node
// For those who start it by this name; what npm installs as `zksh` is run.cjs, which begins sooner.
import './run.cjs';
