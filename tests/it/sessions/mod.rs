//! Signing in, the sessions that follow, and the devices that have signed in.

mod at_once;
mod device_limits;
mod devices;
mod former_devices;
mod list;
mod names;
mod new_device;
mod refresh;
mod refresh_again;
mod refresh_thefts;
mod refreshing;
mod sign_in;
