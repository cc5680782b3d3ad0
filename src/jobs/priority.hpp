#pragma once

/// Requests come first: who works for jobs gives way to who answers people.
namespace pengcheng::jobs {

/// This thread, and every thread that it makes, runs at a lower priority and never preempts a request's.
void give_way();

/// The same for a backend of PostgreSQL that works for a job, where it is a process of this machine and of
/// this user (the embedded cluster); nothing otherwise.
void make_backend_give_way(int pid);

}  // namespace pengcheng::jobs
